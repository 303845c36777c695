import { resourceKey, StatusError } from '../kube/index.ts';
import type { Member, MemberReply } from '../members/index.ts';

import type { CatalogLog } from './catalog.ts';
import { forEachResource, type DiscoveredGroup } from './discovery.ts';
import { parseKubernetesVersion, type KubernetesVersion } from './kubernetes-version.ts';
import type { MemberDiscovery } from './merge-discovery.ts';
import { readDiscovery, type KnownDiscovery } from './read-discovery.ts';
import { knownResources } from './read-legacy-discovery.ts';
import { parseFields } from './untrusted.ts';

/** What a member is given to answer one request. */
export const DISCOVERY_TIMEOUT_MS = 3_000;
const MAX_BYTES = 32 * 1024 * 1024;

export interface MemberReaderDependencies {
  readonly member: Member;
  readonly log: CatalogLog;
  readonly now: () => number;
  /** Called when what the member serves, or its version, has changed. */
  readonly changed: () => void;
  /** Ends a read that is under way. */
  readonly signal: AbortSignal;
}

/** Keeps what one member was last known to serve; a failed read changes nothing. */
export class MemberReader {
  readonly member: Member;
  readonly #deps: MemberReaderDependencies;
  #known: KnownDiscovery | undefined;
  #version: KubernetesVersion | undefined;
  #running: { readonly startedMs: number; readonly done: Promise<void> } | undefined;
  #fault: string | undefined;
  #wasTried = false;
  /** How long the last read took; Infinity when no answer came. */
  #lastReadMs = 0;

  constructor(deps: MemberReaderDependencies) {
    this.member = deps.member;
    this.#deps = deps;
  }

  /** Undefined until the member was read for the first time. */
  get discovery(): MemberDiscovery | undefined {
    if (!this.#known) return undefined;
    return { ...this.identity, groups: this.#known.groups };
  }

  /** What tells which member is the newest. */
  get identity(): { readonly name: string; readonly version: KubernetesVersion } {
    const { name } = this.member;
    return { name, version: this.#version ?? parseKubernetesVersion(undefined) };
  }

  /** Why the last answer was of no use; undefined when it was good, or none came. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** It was read, or a read has failed, or the member is known not to answer. */
  get isDecided(): boolean {
    const { isAlive, lastError } = this.member.health;
    return this.#wasTried || (!isAlive && lastError !== undefined);
  }

  /** Whether the last read was answered within this time, and none is under way for longer. */
  isPunctual(withinMs: number): boolean {
    const underWayMs = this.#running ? this.#deps.now() - this.#running.startedMs : 0;
    return this.#lastReadMs <= withinMs && underWayMs <= withinMs;
  }

  /** Reads the member; concurrent callers share one read. Never rejects. */
  async read(): Promise<void> {
    this.#running ??= { startedMs: this.#deps.now(), done: this.#readOnce() };
    await this.#running.done;
  }

  readonly #get = async (
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<MemberReply> =>
    this.member.fetch({
      method: 'GET',
      path,
      headers,
      timeoutMs: DISCOVERY_TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      signal: this.#deps.signal,
    });

  async #readOnce(): Promise<void> {
    const startedMs = this.#deps.now();
    try {
      const before = this.#known;
      const [read, version] = await Promise.all([
        readDiscovery(this.#get, before),
        this.#readVersion(),
      ]);
      const next = await this.#believe(before, read);
      this.#settle(next, version);
      this.#setFault(undefined);
      this.#lastReadMs = this.#deps.now() - startedMs;
    } catch (err) {
      this.#failed(err);
    } finally {
      this.#wasTried = true;
      this.#running = undefined;
    }
  }

  #settle(next: KnownDiscovery, version: KubernetesVersion | undefined): void {
    const isSame =
      sameJson(next.groups, this.#known?.groups) &&
      (version === undefined || sameJson(version, this.#version));
    this.#known = next;
    this.#version = version ?? this.#version;
    if (!isSame) this.#deps.changed();
  }

  /**
   * A server that has just started lists less than it serves until it has found its own CRDs and
   * aggregated groups, so that a loss counts only when it is still there once the server calls itself
   * ready. A stale version keeps the resources last known.
   */
  async #believe(
    before: KnownDiscovery | undefined,
    read: KnownDiscovery,
  ): Promise<KnownDiscovery> {
    if (!before || read === before) return read;
    const next = keepStale(before, read);
    if (!losesResources(before.groups, next.groups)) return next;
    const ready = await this.#get('/readyz', {});
    if (ready.statusCode >= 500) return before;
    return keepStale(before, await readDiscovery(this.#get, undefined));
  }

  /** The member's version from its probe or, before that has read it, from itself. */
  async #readVersion(): Promise<KubernetesVersion | undefined> {
    const { gitVersion } = this.member.health;
    if (gitVersion !== undefined) return parseKubernetesVersion(gitVersion);
    if (this.#version) return undefined;
    const { statusCode, body } = await this.#get('/version', {});
    if (statusCode !== 200) return undefined;
    const read = parseFields(body, '/version')['gitVersion'];
    return typeof read === 'string' ? parseKubernetesVersion(read) : undefined;
  }

  #failed(err: unknown): void {
    if (this.#deps.signal.aborted) return;
    const { name } = this.member;
    if (err instanceof StatusError && err.reason !== 'BadGateway' && err.reason !== 'NotFound') {
      this.#lastReadMs = Infinity;
      this.#deps.log.debug({ cluster: name, err }, 'member did not answer discovery');
      return;
    }
    this.#lastReadMs = 0;
    this.#setFault(err instanceof StatusError ? err.message : 'its answer is not understood', err);
  }

  /** Logs once per fault, not once per poll. */
  #setFault(fault: string | undefined, err?: unknown): void {
    if (fault === this.#fault) return;
    this.#fault = fault;
    const fields = { cluster: this.member.name, err };
    if (fault === undefined) this.#deps.log.info(fields, 'member answers discovery again');
    else this.#deps.log.warn(fields, 'member answers discovery with what is of no use');
  }
}

const sameJson = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

/** A server behind the member that is down leaves its group versions stale, and often empty. */
function keepStale(before: KnownDiscovery, read: KnownDiscovery): KnownDiscovery {
  const groups = read.groups.map((group) => ({
    ...group,
    versions: group.versions.map((version) =>
      version.freshness === 'Stale' && version.resources.length === 0
        ? { ...version, resources: knownResources(before.groups, group.name, version.version) }
        : version,
    ),
  }));
  return { ...read, groups };
}

function losesResources(
  before: readonly DiscoveredGroup[],
  after: readonly DiscoveredGroup[],
): boolean {
  const kept = new Set<string>();
  forEachResource(after, ({ name: group }, { version }, { resource }) => {
    kept.add(resourceKey({ group, version, resource }));
  });
  let isLost = false;
  forEachResource(before, ({ name: group }, { version }, { resource }) => {
    if (!kept.has(resourceKey({ group, version, resource }))) isLost = true;
  });
  return isLost;
}
