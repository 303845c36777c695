import type { Logger } from 'pino';
import { resourceKey, type GroupVersionResource, type VersionClock } from '../kube/index.ts';
import type { Member } from '../members/index.ts';
import { KindInformer } from './kind-informer.ts';

export interface InformersDependencies {
  readonly clock: VersionClock;
  readonly log: Logger;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The members that serve a kind now. */
  readonly membersOf: (gvr: GroupVersionResource) => readonly Member[];
  /** A member answered 404 for a kind: what it serves should be read again. */
  readonly onGone: (gvr: GroupVersionResource, cluster: string) => void;
}

/** Milliseconds without request or watch after which a kind is dropped. */
const IDLE_MS = 10 * 60_000;
const SWEEP_MS = 60_000;

/** The kinds that somebody asks for, each read from its first request on and dropped when idle. */
export class Informers {
  readonly #deps: InformersDependencies;
  readonly #kinds = new Map<string, KindInformer>();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(deps: InformersDependencies) {
    this.#deps = deps;
  }

  start(): void {
    this.#sweeper = setInterval(() => {
      this.dropIdle();
    }, SWEEP_MS).unref();
  }

  /** The informer of a kind, started if it is not there. */
  open(gvr: GroupVersionResource, kind: string): KindInformer {
    const key = resourceKey(gvr);
    let informer = this.#kinds.get(key);
    if (!informer) {
      const { clock, log, now, sleep, onGone } = this.#deps;
      informer = new KindInformer({
        gvr,
        kind,
        clock,
        log,
        now,
        sleep,
        onGone: (cluster) => {
          onGone(gvr, cluster);
        },
      });
      this.#kinds.set(key, informer);
      informer.setMembers(this.#deps.membersOf(gvr));
    }
    informer.touch();
    return informer;
  }

  /** The informers that are running. */
  list(): readonly KindInformer[] {
    return [...this.#kinds.values()];
  }

  /** To be called when members or what they serve has changed. */
  refreshMembers(): void {
    for (const informer of this.#kinds.values())
      informer.setMembers(this.#deps.membersOf(informer.cache.gvr));
  }

  /** Drops the kinds that nobody asks for. */
  dropIdle(idleMs: number = IDLE_MS): void {
    for (const [key, informer] of this.#kinds) {
      if (!informer.isIdle(idleMs)) continue;
      this.#kinds.delete(key);
      void informer.close();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all(this.list().map(async (informer) => informer.close()));
  }
}
