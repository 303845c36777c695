/** Counts how far a response body reaches in a raw byte stream. */
export interface BodyMeter {
  /** How many bytes of the chunk belong to the body; fewer than it has when the body ends in it. */
  take(chunk: Buffer): number;
  readonly isDone: boolean;
}

/**
 * The meter for a response, by its raw head: chunked, of known length, or up to the connection's end.
 * Answers to upgrades only: no HEAD.
 */
export function bodyMeter(rawHead: string, statusCode: number): BodyMeter {
  if (statusCode === 204 || statusCode === 304) return new LengthMeter(0);
  if (/^transfer-encoding:.*\bchunked\s*$/im.test(rawHead)) return new ChunkedMeter();
  const length = /^content-length:\s*(\d+)\s*$/im.exec(rawHead)?.[1];
  return new LengthMeter(length === undefined ? Infinity : Number(length));
}

class LengthMeter implements BodyMeter {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  take(chunk: Buffer): number {
    const taken = Math.min(this.#left, chunk.length);
    this.#left -= taken;
    return taken;
  }
}

const CR_LF_BYTES = 2;

/** Walks RFC 9112 chunks: a size line, that many bytes and CR LF, …, a zero, trailers, an empty line. */
class ChunkedMeter implements BodyMeter {
  #state: 'size' | 'data' | 'trailer' | 'done' = 'size';
  #line = '';
  #left = 0;

  get isDone(): boolean {
    return this.#state === 'done';
  }

  take(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#state !== 'done') {
      at = this.#state === 'data' ? this.#skipData(chunk, at) : this.#readLine(chunk, at);
    }
    return at;
  }

  #skipData(chunk: Buffer, at: number): number {
    const skipped = Math.min(this.#left, chunk.length - at);
    this.#left -= skipped;
    if (this.#left === 0) this.#state = 'size';
    return at + skipped;
  }

  #readLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf('\n', at);
    if (end === -1) {
      this.#line += chunk.toString('latin1', at);
      return chunk.length;
    }
    const line = (this.#line + chunk.toString('latin1', at, end)).trim();
    this.#line = '';
    if (this.#state === 'trailer') {
      if (line === '') this.#state = 'done';
    } else {
      const size = parseInt(line, 16);
      // A size that is none can't be followed: all that comes is relayed until the connection ends.
      this.#left = Number.isNaN(size) ? Infinity : size + CR_LF_BYTES;
      this.#state = size === 0 ? 'trailer' : 'data';
    }
    return end + 1;
  }
}
