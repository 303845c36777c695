import type { StoredObject } from './stored-object.ts';

/** One true difference in a kind. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Its stamp; greater than that of every change before it. */
  readonly version: bigint;
  /** The new state; of a deletion the last state, stamped anew. */
  readonly object: StoredObject;
  /** The state before; undefined for ADDED. */
  readonly previous: StoredObject | undefined;
}

/** Share of the changes kept by which they may be too many: forgetting them one by one would cost more. */
const SURPLUS = 0.05;

/** The latest changes of a kind, in order; old ones are forgotten. */
export class History {
  readonly #maxChanges: number;
  #changes: Change[] = [];
  /** Changes up to this version are not known (any more). */
  #forgottenUntil: bigint;

  /** @param maxChanges - kept at least */
  constructor(start: bigint, maxChanges: number) {
    this.#forgottenUntil = start;
    this.#maxChanges = maxChanges;
  }

  /** Version of the latest change, or of the start. */
  get latest(): bigint {
    return this.#changes.at(-1)?.version ?? this.#forgottenUntil;
  }

  record(change: Change): void {
    this.#changes.push(change);
    const surplus = this.#changes.length - this.#maxChanges;
    if (surplus < this.#maxChanges * SURPLUS) return;
    this.#forgottenUntil = this.#changes[surplus - 1]?.version ?? this.#forgottenUntil;
    this.#changes = this.#changes.slice(surplus);
  }

  /** The changes after a version, oldest first; undefined when some of them are forgotten. */
  since(version: bigint): readonly Change[] | undefined {
    if (version < this.#forgottenUntil) return undefined;
    return this.#changes.slice(this.#indexAfter(version));
  }

  #indexAfter(version: bigint): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const change = this.#changes[middle];
      if (change && change.version <= version) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
