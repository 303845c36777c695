import { checkUtf8 } from './check-utf8.ts';
import {
  BACKSLASH,
  checkDepth,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  LETTER_N,
  malformed,
  OPEN_BRACE,
  OPEN_BRACKET,
  passColon,
  passEmpty,
  passPlain,
  passSeparator,
  passSpace,
  passString,
  passValue,
  QUOTE,
} from './grammar.ts';

export { CLOSE_BRACE, CLOSE_BRACKET, LETTER_N, OPEN_BRACE, OPEN_BRACKET, QUOTE };

/** A member's name as text and as bytes, so that most comparisons need no decoding. */
export interface Key {
  readonly text: string;
  readonly bytes: Buffer;
}

/** @param text - the name as it reads, without escapes */
export const keyOf = (text: string): Key => ({ text, bytes: Buffer.from(text) });

/**
 * Walks JSON bytes forward, strictly by RFC 8259. Every method begins at `position`, leaves it
 * behind what it read, and throws MalformedJson at the first byte that breaks the grammar.
 *
 * An object is walked as: `for (let more = enter(CLOSE_BRACE, depth); more; more = next(CLOSE_BRACE))
 * { readKey(); …read or skip the value… }`; an array likewise, without `readKey`. `depth` is always
 * the number of containers around the place, the one just entered included.
 */
export class Scanner {
  readonly bytes: Buffer;
  position = 0;
  /** The name read last, without its quotes. */
  #keyStart = 0;
  #keyEnd = 0;
  #keyHasEscape = false;

  constructor(bytes: Buffer) {
    checkUtf8(bytes);
    this.bytes = bytes;
  }

  /** Passes white space. @returns the byte there, which is not read; -1 at the end */
  peek(): number {
    this.position = passSpace(this.bytes, this.position);
    return this.bytes[this.position] ?? -1;
  }

  /** Reads an opening byte, whichever it is. @returns whether the container has anything in it */
  enter(closer: number, depth: number): boolean {
    checkDepth(depth, this.position);
    const inside = this.position + 1;
    this.position = passEmpty(this.bytes, inside, closer);
    return this.position === inside;
  }

  /** After a value: reads the comma or the closing byte. @returns whether another one follows */
  next(closer: number): boolean {
    this.position = passSeparator(this.bytes, this.position, closer);
    return this.bytes[this.position - 1] === COMMA;
  }

  /** Reads a member's name and its colon. */
  readKey(): void {
    const { bytes } = this;
    if (this.peek() !== QUOTE) this.fail("expected a member's name");
    this.#keyStart = this.position + 1;
    const plainEnd = passPlain(bytes, this.#keyStart);
    this.#keyHasEscape = bytes[plainEnd] === BACKSLASH;
    this.#keyEnd = passString(bytes, plainEnd) - 1;
    this.position = passColon(bytes, this.#keyEnd + 1);
  }

  keyIs(key: Key): boolean {
    if (this.#keyHasEscape) return this.keyText() === key.text;
    const { bytes } = this;
    const start = this.#keyStart;
    const wanted = key.bytes;
    if (this.#keyEnd - start !== wanted.length) return false;
    for (let i = 0; i < wanted.length; i += 1) {
      if (bytes[start + i] !== wanted[i]) return false;
    }
    return true;
  }

  keyText(): string {
    return this.#decode(this.#keyStart, this.#keyEnd, this.#keyHasEscape);
  }

  /** Reads a value. @returns its text if it is a string, else undefined */
  readIfString(depth: number): string | undefined {
    if (this.peek() === QUOTE) return this.readString();
    this.skipValue(depth);
    return undefined;
  }

  /** Reads the string that begins at `position`. */
  readString(): string {
    const { bytes } = this;
    const start = this.position + 1;
    const plainEnd = passPlain(bytes, start);
    const hasEscape = bytes[plainEnd] === BACKSLASH;
    this.position = passString(bytes, plainEnd);
    return this.#decode(start, this.position - 1, hasEscape);
  }

  /** Reads one value of any kind. Needs no call stack, however deep the value is nested. */
  skipValue(depth: number): void {
    this.position = passValue(this.bytes, this.position, depth);
  }

  /** Nothing but white space may be left. */
  finish(): void {
    if (this.peek() !== -1) this.fail('expected the end');
  }

  fail(problem: string, offset: number = this.position): never {
    malformed(problem, offset);
  }

  /** A lone surrogate reads as U+FFFD, as in Go's decoder. */
  #decode(start: number, end: number, hasEscape: boolean): string {
    if (!hasEscape) return this.bytes.toString('utf8', start, end);
    const literal = this.bytes.toString('utf8', start - 1, end + 1);
    return (JSON.parse(literal) as string).toWellFormed();
  }
}

/** A scanner at the one object that the bytes must be: call `enter(CLOSE_BRACE, 1)` next. */
export function scanObject(bytes: Buffer): Scanner {
  const scanner = new Scanner(bytes);
  if (scanner.peek() !== OPEN_BRACE) scanner.fail('expected an object');
  return scanner;
}
