import { MalformedJson } from './malformed-json.ts';

const NEWLINE = 0x0a;

/**
 * Joins the chunks of a watch body and cuts them at newlines. Safe against what the objects hold:
 * a raw newline cannot stand inside a JSON string.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number;
  /** The beginning of a frame whose newline has not come yet. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** @param maxFrameBytes - the longest frame that is accepted, without its newline */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes of the unfinished frame; above 0 at the end of a body means that it was cut off. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Takes the next chunk, which must not change afterwards.
   *
   * @returns the frames that it completes, without newlines: views of the chunk, or copies of what
   * came in pieces. Empty lines are passed over.
   * @throws MalformedJson when a frame is longer than allowed; the splitter is of no use after that
   */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      const frame = this.#take();
      if (frame.length > 0) frames.push(frame);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return frames;
  }

  #keep(piece: Buffer): void {
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes > this.#maxFrameBytes) {
      throw new MalformedJson(
        `a frame of more than ${this.#maxFrameBytes} bytes`,
        this.#maxFrameBytes,
      );
    }
    this.#pending.push(piece);
  }

  #take(): Buffer {
    const [first, ...others] = this.#pending;
    const frame = first && others.length === 0 ? first : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return frame;
  }
}
