import type { Logger } from 'pino';
import type { GroupVersionResource, VersionClock } from '../kube/index.ts';
import type { Member } from '../members/index.ts';
import { KindCache } from './kind-cache.ts';
import { Reflector, type ReflectorState } from './reflector.ts';

export interface KindInformerDependencies {
  readonly gvr: GroupVersionResource;
  readonly kind: string;
  readonly clock: VersionClock;
  readonly log: Logger;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A member answered 404 for the kind. */
  readonly onGone: (cluster: string) => void;
}

/** How current one member's part of a kind is. */
export interface MemberFreshness {
  readonly cluster: string;
  /** missing: never read since our start; stale: shown as last known. */
  readonly state: 'fresh' | 'stale' | 'missing';
  /** Milliseconds since it was last known to be current; undefined when never. */
  readonly ageMs: number | undefined;
  readonly lastError: string | undefined;
}

/** A stream may break and be opened again within this time without the member counting as stale. */
const RECONNECT_GRACE_MS = 1_000;
const PERIODIC_CHECK_MS = 100;

/** One kind of all members that serve it: the cache and the reflectors that keep it in step. */
export class KindInformer {
  readonly cache: KindCache;
  readonly #deps: KindInformerDependencies;
  readonly #reflectors = new Map<
    string,
    { member: Member; reflector: Reflector; startedMs: number }
  >();
  readonly #waiting = new Set<() => void>();
  #usedMs: number;
  #watchers = 0;

  constructor(deps: KindInformerDependencies) {
    this.#deps = deps;
    this.cache = new KindCache(deps.gvr, deps.clock);
    this.#usedMs = deps.now();
  }

  /** Follows exactly these members; the objects of those that left are deleted, as events too. */
  setMembers(members: readonly Member[]): void {
    const wanted = new Map(members.map((member) => [member.name, member]));
    for (const [cluster, { reflector }] of this.#reflectors) {
      if (wanted.has(cluster)) continue;
      this.#reflectors.delete(cluster);
      void reflector.close();
      this.cache.removeMember(cluster);
    }
    for (const [cluster, member] of wanted) {
      if (!this.#reflectors.has(cluster)) this.#start(cluster, member);
    }
  }

  #start(cluster: string, member: Member): void {
    const { kind, log, now, sleep, onGone } = this.#deps;
    const reflector = new Reflector({
      member,
      cache: this.cache,
      kind,
      log,
      now,
      sleep,
      onGone: () => {
        onGone(cluster);
      },
      onState: () => {
        this.#wake();
      },
    });
    this.#reflectors.set(cluster, { member, reflector, startedMs: now() });
  }

  get clusters(): string[] {
    return [...this.#reflectors.keys()].sort();
  }

  freshness(cluster: string): MemberFreshness {
    const entry = this.#reflectors.get(cluster);
    if (!entry) return { cluster, state: 'missing', ageMs: undefined, lastError: undefined };
    const { hasSynced, isStreaming, lastFreshMs, lastError } = entry.reflector.state;
    const nowMs = this.#deps.now();
    const ageMs = lastFreshMs === undefined ? undefined : Math.max(0, nowMs - lastFreshMs);
    const isCurrent =
      entry.member.health.isAlive && (isStreaming || (ageMs ?? Infinity) < RECONNECT_GRACE_MS);
    const state = !hasSynced ? 'missing' : isCurrent ? 'fresh' : 'stale';
    return { cluster, state, ageMs, lastError: lastError ?? entry.member.health.lastError };
  }

  /**
   * Waits until each of the clusters was read once, or has failed to be, or the deadline (counted
   * from the start of its reading) has passed: a member that was never read delays nobody for long.
   */
  async waitForSync(
    clusters: readonly string[],
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted && clusters.some((cluster) => this.#isAwaited(cluster, deadlineMs))) {
      await this.#nextState(signal);
    }
  }

  #isAwaited(cluster: string, deadlineMs: number): boolean {
    const entry = this.#reflectors.get(cluster);
    if (!entry) return false;
    const { hasSynced, failures } = entry.reflector.state;
    const { isAlive, lastError } = entry.member.health;
    const isKnownDown = !isAlive && lastError !== undefined;
    return (
      !hasSynced &&
      failures === 0 &&
      !isKnownDown &&
      this.#deps.now() - entry.startedMs < deadlineMs
    );
  }

  async #nextState(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => {
      resolve(undefined);
    };
    const timer = setTimeout(wake, PERIODIC_CHECK_MS);
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(wake);
    signal.removeEventListener('abort', wake);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Says that the kind was asked for. */
  touch(): void {
    this.#usedMs = this.#deps.now();
  }

  /** Counts a watch as use for as long as it lasts. Returns how to end it. */
  hold(): () => void {
    this.#watchers += 1;
    return () => {
      this.#watchers -= 1;
      this.touch();
    };
  }

  /** Nobody watches it, nobody asked for it in this time, and nothing is only known from the cache. */
  isIdle(idleMs: number): boolean {
    if (this.#watchers > 0 || this.#deps.now() - this.#usedMs < idleMs) return false;
    return this.clusters.every((cluster) => this.freshness(cluster).state !== 'stale');
  }

  state(cluster: string): ReflectorState | undefined {
    return this.#reflectors.get(cluster)?.reflector.state;
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#reflectors.values()].map(async ({ reflector }) => reflector.close()),
    );
  }
}
