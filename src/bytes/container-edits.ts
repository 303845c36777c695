import type { Edits } from './edits.ts';

/**
 * The edits of one object or array, entry by entry: keeps the commas right whichever entries are
 * dropped. For each entry call `keep` or `drop`, and tell by `passed` where it ended.
 */
export class ContainerEdits {
  readonly #edits: Edits;
  /** End of the entry passed last; at first the place behind the opening byte. */
  #lastEnd: number;
  #kept = 0;
  #dropped = 0;

  constructor(edits: Edits, afterOpening: number) {
    this.#edits = edits;
    this.#lastEnd = afterOpening;
  }

  /** @param start - the place behind the comma, or the opening byte, before the entry */
  keep(start: number): void {
    if (this.#kept === 0 && this.#dropped > 0) this.#edits.add(this.#lastEnd, start, '');
    this.#kept += 1;
  }

  /** @param end - the place behind the entry's value. What stands before it back to the last entry goes too */
  drop(end: number): void {
    this.#edits.add(this.#lastEnd, end, '');
    this.#dropped += 1;
  }

  passed(end: number): void {
    this.#lastEnd = end;
  }

  /** Adds entries behind the last one; call it once, after all entries. */
  append(entries: readonly string[]): void {
    if (entries.length === 0) return;
    const text = entries.join(',');
    this.#edits.add(this.#lastEnd, this.#lastEnd, this.#kept > 0 ? `,${text}` : text);
  }
}
