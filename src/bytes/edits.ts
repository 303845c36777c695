/** Changes to a buffer, noted in the order of their places and made in one copy. */
export class Edits {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #texts: string[] = [];

  /**
   * Notes that the bytes from `start` to before `end` become `text`; equal bounds insert.
   * `start` must not lie before the `end` of the edit noted last.
   */
  add(start: number, end: number, text: string): void {
    this.#starts.push(start);
    this.#ends.push(end);
    this.#texts.push(text);
  }

  /** @returns a copy with the edits made, or `bytes` itself if there are none */
  apply(bytes: Buffer): Buffer {
    if (this.#texts.length === 0) return bytes;
    const result = Buffer.allocUnsafe(this.#lengthAfter(bytes.length));
    let read = 0;
    let written = 0;
    for (const [i, text] of this.#texts.entries()) {
      written += bytes.copy(result, written, read, this.#starts[i]);
      written += result.write(text, written);
      read = this.#ends[i] ?? read;
    }
    bytes.copy(result, written, read);
    return result;
  }

  #lengthAfter(length: number): number {
    let total = length;
    for (const [i, text] of this.#texts.entries()) {
      total += Buffer.byteLength(text) - ((this.#ends[i] ?? 0) - (this.#starts[i] ?? 0));
    }
    return total;
  }
}
