import type { Access, AccessSource } from '../members/index.ts';
import { type AuthProvider, authProvider } from './ask-auth-provider.ts';
import { type ContextEntries, buildAccess, readContext } from './build-access.ts';
import { type KubeconfigReader, asEntry, fileStamp } from './read-kubeconfig.ts';
import { type DatedCredential, runExecPlugin } from './run-exec-plugin.ts';

/** How often files are looked at for a change, at most. */
const CHECK_EVERY_MS = 1_000;
/** How long a failure stands before the next try: a plugin that fails is not to run all the time. */
const FAILURE_KEPT_MS = 5_000;
/** A refusal must not run a plugin for every request that meets it. */
const RENEW_EVERY_MS = 5_000;
/** A credential this close to its end is replaced already. */
const EXPIRY_MARGIN_MS = 10_000;

export interface KubeconfigAccessOptions {
  readonly reader: KubeconfigReader;
  readonly context: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Follows one context of a kubeconfig: its files as they rotate, its plugins' credentials as they expire. */
export class KubeconfigAccess implements AccessSource {
  readonly #options: KubeconfigAccessOptions;
  #access: Access | undefined;
  /** Files read for the access, and what they were. */
  #stamps = new Map<string, string>();
  #entries: ContextEntries | undefined;
  #provider: AuthProvider | undefined;
  #credential: DatedCredential = {};
  #expiresAtMs = Infinity;
  #checkedMs = -Infinity;
  #renewedMs = -Infinity;
  #failure: Error | undefined;
  #loading: Promise<Access> | undefined;

  constructor(options: KubeconfigAccessOptions) {
    this.#options = options;
  }

  get last(): Access | undefined {
    return this.#access;
  }

  async current(): Promise<Access> {
    const now = this.#options.now();
    const ageMs = now - this.#checkedMs;
    const isGood = this.#access !== undefined && now < this.#expiresAtMs;
    if (this.#access && isGood && ageMs < CHECK_EVERY_MS) return this.#access;
    if (this.#failure && !isGood && ageMs < FAILURE_KEPT_MS) throw this.#failure;
    return this.#load(false);
  }

  async renew(refused: Access): Promise<Access | undefined> {
    if (this.#access && isOther(this.#access, refused)) return this.#access;
    const now = this.#options.now();
    if (now - this.#renewedMs < RENEW_EVERY_MS) return undefined;
    this.#renewedMs = now;
    // One that is under way may have begun before the refusal.
    await this.#loading?.catch(() => undefined);
    const access = await this.#load(true);
    return isOther(access, refused) ? access : undefined;
  }

  async #load(isForced: boolean): Promise<Access> {
    this.#loading ??= this.#loadOnce(isForced).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #loadOnce(isForced: boolean): Promise<Access> {
    const now = this.#options.now();
    try {
      const entries = await readContext(this.#options.reader, this.#options.context);
      const hasExpired = now >= this.#expiresAtMs;
      if (this.#access && !isForced && !hasExpired && !(await this.#hasChanged(entries))) {
        return this.#access;
      }
      if (!isSame(entries, this.#entries)) this.#provider = undefined;
      this.#access = await this.#build(entries, isForced || hasExpired);
      this.#entries = entries;
      this.#failure = undefined;
      return this.#access;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      // A file may be half-written just now; what was good a second ago is tried on.
      if (this.#access && !isForced && now < this.#expiresAtMs) return this.#access;
      throw error;
    } finally {
      this.#checkedMs = this.#options.now();
    }
  }

  async #hasChanged(entries: ContextEntries): Promise<boolean> {
    if (!isSame(entries, this.#entries)) return true;
    for (const [file, stamp] of this.#stamps) if ((await fileStamp(file)) !== stamp) return true;
    return false;
  }

  async #build(entries: ContextEntries, isRenewed: boolean): Promise<Access> {
    if (isRenewed || !isSame(entries, this.#entries)) await this.#renewCredential(entries);
    const stamps = new Map<string, string>();
    const access = await buildAccess(entries, this.#credential, stamps);
    this.#stamps = stamps;
    return access;
  }

  async #renewCredential({ cluster, user }: ContextEntries): Promise<void> {
    const exec = asEntry(user?.entry['exec']);
    const { env, now } = this.#options;
    if (user && exec) {
      const { directory } = user;
      this.#credential = await runExecPlugin({ exec, cluster: cluster.entry, directory, env });
    } else if (user && asEntry(user.entry['auth-provider'])) {
      this.#provider ??= await authProvider(user);
      this.#credential = await this.#provider(now());
    } else {
      this.#credential = {};
    }
    const { expiresAtMs = Infinity } = this.#credential;
    const early = expiresAtMs - EXPIRY_MARGIN_MS;
    this.#expiresAtMs = early > now() ? early : expiresAtMs;
  }
}

function isOther(one: Access, other: Access): boolean {
  return (
    one.connectionKey !== other.connectionKey ||
    JSON.stringify(one.headers) !== JSON.stringify(other.headers)
  );
}

function isSame(one: ContextEntries, other: ContextEntries | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
