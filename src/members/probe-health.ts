import { setTimeout as sleepFor } from 'node:timers/promises';
import type { MemberFetch, MemberHealth, MemberLog, MemberReply } from './member.ts';

/** An answer older than this says nothing about now. */
export const ALIVE_MS = 5_000;
const PROBE_EVERY_MS = 2_000;
const PROBE_TIMEOUT_MS = 3_000;
const UID_EVERY_MS = 60_000;
const MAX_BYTES = 1024 * 1024;

export interface ProbeOptions {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after that many milliseconds, or rejects when the signal says so. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: MemberLog;
}

export type Fetch = (options: MemberFetch) => Promise<MemberReply>;

interface Verdict {
  readonly isAnswer: boolean;
  readonly error: string | undefined;
}

async function realSleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, { signal, ref: false });
}

/** Keeps one member's health by asking its `/version` every two seconds. */
export class HealthProbe implements MemberHealth {
  readonly #options: ProbeOptions;
  readonly #listeners = new Set<() => void>();
  readonly #stopping = new AbortController();
  /** Resolves when the first probe is over, whatever came of it. */
  readonly probed: Promise<void>;
  readonly #markProbed: () => void;
  #lastAnswerMs: number | undefined;
  #lastError: string | undefined;
  #gitVersion: string | undefined;
  #uid: string | undefined;
  #uidReadMs = -Infinity;
  #told = '';

  constructor(options: ProbeOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.probed = promise;
    this.#markProbed = () => {
      resolve(undefined);
    };
  }

  get isAlive(): boolean {
    return this.#lastAnswerMs !== undefined && this.#options.now() - this.#lastAnswerMs < ALIVE_MS;
  }

  get lastAnswerMs(): number | undefined {
    return this.#lastAnswerMs;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  get gitVersion(): string | undefined {
    return this.#gitVersion;
  }

  get uid(): string | undefined {
    return this.#uid;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Probes until stopped. */
  async run(fetch: Fetch): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.probe(fetch);
      // Jitter keeps the probes of many members from falling on one moment.
      await this.#pause(PROBE_EVERY_MS * (0.9 + 0.2 * Math.random()));
    }
  }

  /** Waits for the next probe; a life that ends meanwhile is told when it ends, not a probe later. */
  async #pause(ms: number): Promise<void> {
    const leftMs = ALIVE_MS - (this.#options.now() - (this.#lastAnswerMs ?? -Infinity));
    if (leftMs <= 0 || leftMs >= ms) {
      await this.#sleep(ms);
      return;
    }
    await this.#sleep(leftMs);
    this.#tell();
    await this.#sleep(ms - leftMs);
  }

  async #sleep(ms: number): Promise<void> {
    const { sleep = realSleep } = this.#options;
    await sleep(ms, this.#stopping.signal).catch(() => undefined);
  }

  stop(): void {
    this.#stopping.abort();
    this.#markProbed();
  }

  /** One probe; never rejects. */
  async probe(fetch: Fetch): Promise<void> {
    const verdict = await this.#askVersion(fetch);
    if (this.#stopping.signal.aborted) return;
    // The uid first: who sees a live member must know which cluster it is.
    if (verdict.isAnswer && verdict.error === undefined) await this.#askUid(fetch);
    if (verdict.isAnswer) this.#lastAnswerMs = this.#options.now();
    this.#lastError = verdict.error;
    this.#tell();
    this.#markProbed();
  }

  async #askVersion(fetch: Fetch): Promise<Verdict> {
    try {
      const { statusCode, body } = await this.#get(fetch, '/version');
      if (statusCode === 401 || statusCode === 403) {
        return {
          isAnswer: true,
          error: `it answers ${statusCode} to our credentials (unauthorised); renew them in the kubeconfig`,
        };
      }
      const version = statusCode === 200 ? stringAt(body, ['gitVersion']) : undefined;
      if (version === undefined) return { isAnswer: false, error: notKubernetes(statusCode) };
      this.#gitVersion = version;
      return { isAnswer: true, error: undefined };
    } catch (error) {
      return { isAnswer: false, error: error instanceof Error ? error.message : String(error) };
    }
  }

  async #askUid(fetch: Fetch): Promise<void> {
    const now = this.#options.now();
    if (now - this.#uidReadMs < UID_EVERY_MS) return;
    try {
      const { statusCode, body } = await this.#get(fetch, '/api/v1/namespaces/kube-system');
      // Who may not read it keeps the uid it had; there is no use in asking every two seconds.
      if (statusCode < 500) this.#uidReadMs = now;
      if (statusCode === 200) this.#uid = stringAt(body, ['metadata', 'uid']) ?? this.#uid;
    } catch {
      // The next probe asks again, and says what is wrong if it is more than a moment's trouble.
    }
  }

  async #get(fetch: Fetch, path: string): Promise<MemberReply> {
    const { signal } = this.#stopping;
    const headers = { accept: 'application/json' };
    const timeoutMs = PROBE_TIMEOUT_MS;
    return fetch({ method: 'GET', path, headers, timeoutMs, maxBytes: MAX_BYTES, signal });
  }

  #tell(): void {
    const { isAlive, gitVersion, uid, lastError } = this;
    const state = JSON.stringify([isAlive, gitVersion, uid, lastError]);
    if (state === this.#told || this.#stopping.signal.aborted) return;
    this.#told = state;
    const fields = { cluster: this.#options.name, isAlive, gitVersion, lastError };
    if (isAlive && lastError === undefined) this.#options.log.info(fields, 'member answers');
    else this.#options.log.warn(fields, 'member has trouble');
    for (const listener of [...this.#listeners]) listener();
  }
}

function notKubernetes(statusCode: number): string {
  return statusCode === 200
    ? 'its /version is not that of a Kubernetes API server; check `server`'
    : `it answers ${statusCode} to /version; check its API server`;
}

function stringAt(body: Buffer, path: readonly string[]): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' && value !== '' ? value : undefined;
}
