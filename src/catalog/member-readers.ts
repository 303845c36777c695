import { setTimeout as sleepFor } from 'node:timers/promises';

import type { Fleet, Member } from '../members/index.ts';

import type { CatalogLog } from './catalog.ts';
import { compareNewestFirst } from './kubernetes-version.ts';
import { DISCOVERY_TIMEOUT_MS, MemberReader } from './member-reader.ts';
import { raceTimeout } from './race-timeout.ts';

const POLL_MS = 10_000;
/** Between two rounds of questions to all members. */
const ROUND_MS = 1_000;
/** A member that takes longer to answer is asked, but not waited for. */
const PATIENCE_MS = 1_500;
/** What a document may cost to be as new as its members. */
const GLANCE_MS = 500;

/** Waits; rejects when aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

const realSleep: Sleep = async (ms, signal) => {
  await sleepFor(ms, undefined, { signal, ref: false });
};

export interface MemberReadersDependencies {
  readonly fleet: Fleet;
  readonly log: CatalogLog;
  readonly now: () => number;
  readonly sleep: Sleep | undefined;
  /** Called when a member serves something else than before, comes or goes. */
  readonly changed: () => void;
  /** Called after each read of a live member, changed or not. */
  readonly wasRead: (member: Member) => void;
}

interface Followed {
  readonly reader: MemberReader;
  readonly unfollow: () => void;
}

/** One reader a member, and when each reads. */
export class MemberReaders {
  readonly #deps: MemberReadersDependencies;
  readonly #sleep: Sleep;
  readonly #followed = new Map<Member, Followed>();
  readonly #stop = new AbortController();
  readonly #unfollowFleet: () => void;
  readonly #decided = new Set<() => void>();
  #poll: Promise<void> | undefined;
  #round: Promise<void> | undefined;
  #lastRoundMs = -Infinity;

  constructor(deps: MemberReadersDependencies) {
    this.#deps = deps;
    this.#sleep = deps.sleep ?? realSleep;
    this.#followFleet();
    this.#unfollowFleet = deps.fleet.onChange(() => {
      this.#followFleet();
    });
  }

  /** The readers of the fleet's present members. */
  get all(): readonly MemberReader[] {
    return this.#deps.fleet.members.flatMap((member) => this.#followed.get(member)?.reader ?? []);
  }

  /** The same, newest first; those never read come last. */
  get newestFirst(): readonly MemberReader[] {
    return this.all.toSorted((a, b) => compareNewestFirst(a.identity, b.identity));
  }

  start(): void {
    this.#poll ??= this.#pollForever();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#unfollowFleet();
    for (const { unfollow } of this.#followed.values()) unfollow();
    await this.#poll;
    await this.#round;
  }

  /** One round of questions that began after the call, shared, at most one a second. */
  async refresh(): Promise<void> {
    this.#round ??= this.#startRound();
    await this.#round;
  }

  /** Asks for news, but waits half a second at most, and does nothing within a second of the last time. */
  async glance(): Promise<void> {
    const nowMs = this.#deps.now();
    if (nowMs - this.#lastRoundMs < ROUND_MS) return;
    this.#lastRoundMs = nowMs;
    await raceTimeout(this.#askPunctual(GLANCE_MS), GLANCE_MS);
  }

  /** Resolves when every member was read or is known not to answer, or after the deadline. */
  async ready(deadlineMs: number): Promise<void> {
    if (this.#allDecided()) return;
    await raceTimeout(
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (!this.#allDecided()) return;
          this.#decided.delete(check);
          resolve();
        };
        this.#decided.add(check);
      }),
      deadlineMs,
    );
  }

  #allDecided(): boolean {
    return this.all.every((reader) => reader.isDecided);
  }

  async #startRound(): Promise<void> {
    const { now } = this.#deps;
    const waitMs = this.#lastRoundMs + ROUND_MS - now();
    if (waitMs > 0) await this.#sleep(waitMs, this.#stop.signal).catch(() => undefined);
    this.#lastRoundMs = now();
    await raceTimeout(this.#askPunctual(PATIENCE_MS), DISCOVERY_TIMEOUT_MS);
    this.#round = undefined;
  }

  /** Asks all that are alive; resolves when those have answered that do so within this time as a rule. */
  async #askPunctual(withinMs: number): Promise<void> {
    const asked = this.#alive().map((reader) => ({
      isPunctual: reader.isPunctual(withinMs),
      read: this.#read(reader),
    }));
    await Promise.all(asked.filter(({ isPunctual }) => isPunctual).map(async ({ read }) => read));
  }

  #alive(): MemberReader[] {
    if (this.#stop.signal.aborted) return [];
    return this.all.filter((reader) => reader.member.health.isAlive);
  }

  async #pollForever(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for (const reader of this.#alive()) void this.#read(reader);
      await this.#sleep(POLL_MS, signal).catch(() => undefined);
    }
  }

  async #read(reader: MemberReader): Promise<void> {
    await reader.read();
    if (this.#stop.signal.aborted) return;
    this.#checkDecided();
    this.#deps.wasRead(reader.member);
  }

  #checkDecided(): void {
    for (const check of [...this.#decided]) check();
  }

  /** Members may be dropped (a second context of the same cluster) or join. */
  #followFleet(): void {
    const present = new Set(this.#deps.fleet.members);
    for (const member of present) {
      if (this.#followed.has(member)) continue;
      const reader = this.#follow(member);
      if (this.#poll && member.health.isAlive) void this.#read(reader);
    }
    for (const [member, { unfollow }] of this.#followed) {
      if (present.has(member)) continue;
      unfollow();
      this.#followed.delete(member);
      this.#deps.changed();
    }
  }

  #follow(member: Member): MemberReader {
    const { log, now, changed } = this.#deps;
    const reader = new MemberReader({ member, log, now, changed, signal: this.#stop.signal });
    let wasAlive = member.health.isAlive;
    const unfollow = member.health.onChange(() => {
      const { isAlive } = member.health;
      if (this.#poll && isAlive && !wasAlive) void this.#read(reader);
      wasAlive = isAlive;
      this.#checkDecided();
    });
    this.#followed.set(member, { reader, unfollow });
    return reader;
  }
}
