import type { ConnectedMember } from './connect-member.ts';
import type { Fleet, Member, MemberLog } from './member.ts';
import type { HealthProbe } from './probe-health.ts';

/** A member, what probes it, and the context that it came from. */
export interface FleetMember {
  readonly member: ConnectedMember;
  readonly health: HealthProbe;
  readonly context: string;
}

/**
 * Joins members to a fleet. Of several that turn out to be one cluster the first counts.
 * @param all - in the order of precedence
 */
export function createFleet(all: readonly FleetMember[], log: MemberLog): Fleet {
  return new ProbedFleet(all, log);
}

class ProbedFleet implements Fleet {
  readonly #all: readonly FleetMember[];
  readonly #log: MemberLog;
  readonly #listeners = new Set<() => void>();
  readonly #runs: Promise<void>[] = [];
  #served: readonly Member[] = [];
  #byName = new Map<string, Member>();
  /** Doubles and their firsts, as told in the log already. */
  readonly #told = new Set<string>();

  constructor(all: readonly FleetMember[], log: MemberLog) {
    this.#all = all;
    this.#log = log;
    for (const { health } of all) {
      health.onChange(() => {
        this.#decide();
      });
    }
    this.#decide();
  }

  get members(): readonly Member[] {
    return this.#served;
  }

  get(name: string): Member | undefined {
    return this.#byName.get(name);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#runs.length > 0) return;
    for (const { member, health } of this.#all) {
      this.#runs.push(health.run(async (options) => member.probe(options)));
    }
  }

  async whenProbed(): Promise<void> {
    await Promise.all(this.#all.map(async ({ health }) => health.probed));
  }

  async close(): Promise<void> {
    for (const { health } of this.#all) health.stop();
    await Promise.all(this.#all.map(async ({ member }) => member.close()));
    await Promise.all(this.#runs);
  }

  #decide(): void {
    const firsts = new Map<string, FleetMember>();
    const served = this.#all.filter((candidate) => {
      const { uid } = candidate.health;
      const first = uid === undefined ? undefined : firsts.get(uid);
      if (first) this.#tellDouble(candidate, first);
      else if (uid !== undefined) firsts.set(uid, candidate);
      return first === undefined;
    });
    const members = served
      .map(({ member }) => member)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const isSame =
      members.length === this.#served.length &&
      members.every((member, index) => member === this.#served[index]);
    if (isSame) return;
    this.#served = members;
    this.#byName = new Map(members.map((member) => [member.name, member]));
    for (const listener of [...this.#listeners]) listener();
  }

  #tellDouble(double: FleetMember, first: FleetMember): void {
    const pair = `${double.member.name}\0${first.member.name}`;
    if (this.#told.has(pair)) return;
    this.#told.add(pair);
    this.#log.warn(
      { cluster: double.member.name, context: double.context, first: first.member.name },
      `context ${double.context} is the same cluster as ${first.context}; served as ${first.member.name} only`,
    );
  }
}
