import { checkUtf8 } from './check-utf8.ts';
import { MalformedJson } from './malformed-json.ts';

/** Containers within containers; Go's decoder stops at the same number. */
export const MAX_DEPTH = 10_000;

export const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const MINUS = 0x2d;
const ZERO = 0x30;

/** 1 for the bytes that stand for themselves inside a string. */
const PLAIN = byteTable((byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH);
const SPACE = byteTable((byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
const DIGIT = byteTable((byte) => byte >= ZERO && byte <= 0x39);
const HEX = byteTable((byte) => /[0-9a-fA-F]/.test(String.fromCharCode(byte)));
const ESCAPE = byteTable((byte) => '"\\/bfnrt'.includes(String.fromCharCode(byte)));

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * For each open container the byte that closes it. One for all scanners: `skipValue` runs to its
 * end without giving way, so that no two uses of it overlap.
 */
const closers = new Uint8Array(MAX_DEPTH + 1);

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
  keyStart = 0;
  keyEnd = 0;
  #keyHasEscape = false;
  #hasEscape = false;

  constructor(bytes: Buffer) {
    checkUtf8(bytes);
    this.bytes = bytes;
  }

  /** Passes white space. @returns the byte there, which is not read; -1 at the end */
  peek(): number {
    const bytes = this.bytes;
    let byte = bytes[this.position] ?? -1;
    while (SPACE[byte] === 1) {
      this.position += 1;
      byte = bytes[this.position] ?? -1;
    }
    return byte;
  }

  /** Reads an opening byte, whichever it is. @returns whether the container has anything in it */
  enter(closer: number, depth: number): boolean {
    if (depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH}`);
    this.position += 1;
    if (this.peek() !== closer) return true;
    this.position += 1;
    return false;
  }

  /** After a value: reads the comma or the closing byte. @returns whether another one follows */
  next(closer: number): boolean {
    const byte = this.peek();
    if (byte !== COMMA && byte !== closer)
      this.fail('expected a comma or the end of the container');
    this.position += 1;
    return byte === COMMA;
  }

  /** Reads a member's name and its colon. */
  readKey(): void {
    if (this.peek() !== QUOTE) this.fail("expected a member's name");
    this.keyStart = this.position + 1;
    this.#skipString();
    this.keyEnd = this.position - 1;
    this.#keyHasEscape = this.#hasEscape;
    if (this.peek() !== COLON) this.fail('expected a colon');
    this.position += 1;
  }

  keyIs(key: Key): boolean {
    if (this.#keyHasEscape) return this.keyText() === key.text;
    const { bytes, keyStart } = this;
    const wanted = key.bytes;
    if (this.keyEnd - keyStart !== wanted.length) return false;
    for (let i = 0; i < wanted.length; i += 1) {
      if (bytes[keyStart + i] !== wanted[i]) return false;
    }
    return true;
  }

  keyText(): string {
    return this.#decode(this.keyStart, this.keyEnd, this.#keyHasEscape);
  }

  /** Reads a value. @returns its text if it is a string, else undefined */
  readIfString(depth: number): string | undefined {
    if (this.peek() === QUOTE) return this.readString();
    this.skipValue(depth);
    return undefined;
  }

  /** Reads the string that begins at `position`. */
  readString(): string {
    const start = this.position + 1;
    this.#skipString();
    return this.#decode(start, this.position - 1, this.#hasEscape);
  }

  /** Reads one value of any kind. Needs no call stack, however deep the value is nested. */
  skipValue(depth: number): void {
    let level = depth;
    do {
      const byte = this.peek();
      if (byte === QUOTE) this.#skipString();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        const inner = this.#open(byte + 2, level);
        if (inner > level) {
          level = inner;
          continue;
        }
      } else this.#skipScalar(byte);
      level = this.#leave(level, depth);
    } while (level > depth);
  }

  /** Nothing but white space may be left. */
  finish(): void {
    if (this.peek() !== -1) this.fail('expected the end');
  }

  fail(problem: string, offset: number = this.position): never {
    throw new MalformedJson(problem, offset);
  }

  /** Reads an opening byte, and a first member's name. @returns the level of the next value */
  #open(closer: number, level: number): number {
    if (!this.enter(closer, level + 1)) return level;
    closers[level + 1] = closer;
    if (closer === CLOSE_BRACE) this.readKey();
    return level + 1;
  }

  /** After a value: closes what ends here, down to `floor`. @returns the level of the next value */
  #leave(from: number, floor: number): number {
    let level = from;
    while (level > floor) {
      const closer = closers[level] ?? CLOSE_BRACE;
      if (this.next(closer)) {
        if (closer === CLOSE_BRACE) this.readKey();
        return level;
      }
      level -= 1;
    }
    return level;
  }

  #skipString(): void {
    const bytes = this.bytes;
    let i = this.position + 1;
    this.#hasEscape = false;
    for (;;) {
      while (PLAIN[bytes[i] ?? 0] === 1) i += 1;
      if (bytes[i] === QUOTE) break;
      if (bytes[i] !== BACKSLASH) this.fail('unfinished string or control character', i);
      this.#hasEscape = true;
      i = this.#skipEscape(i + 1);
    }
    this.position = i + 1;
  }

  #skipEscape(at: number): number {
    const { bytes } = this;
    if (ESCAPE[bytes[at] ?? 0] === 1) return at + 1;
    if (bytes[at] !== 0x75) this.fail('bad escape', at);
    for (let i = at + 1; i <= at + 4; i += 1) {
      if (HEX[bytes[i] ?? 0] !== 1) this.fail('bad escape', i);
    }
    return at + 5;
  }

  #skipScalar(byte: number): void {
    if (byte === 0x74) this.#skipWord(TRUE);
    else if (byte === 0x66) this.#skipWord(FALSE);
    else if (byte === 0x6e) this.#skipWord(NULL);
    else this.#skipNumber();
  }

  #skipWord(word: Buffer): void {
    for (let i = 0; i < word.length; i += 1) {
      if (this.bytes[this.position + i] !== word[i]) this.fail('expected a value');
    }
    this.position += word.length;
  }

  #skipNumber(): void {
    const { bytes } = this;
    if (bytes[this.position] === MINUS) this.position += 1;
    if (bytes[this.position] === ZERO) this.position += 1;
    else this.#skipDigits('expected a value');
    if (bytes[this.position] === 0x2e) {
      this.position += 1;
      this.#skipDigits('expected digits');
    }
    if (((bytes[this.position] ?? 0) | 0x20) !== 0x65) return;
    this.position += 1;
    const sign = bytes[this.position];
    if (sign === 0x2b || sign === MINUS) this.position += 1;
    this.#skipDigits('expected digits');
  }

  /** One digit or more. */
  #skipDigits(problem: string): void {
    const { bytes } = this;
    let i = this.position;
    while (DIGIT[bytes[i] ?? 0] === 1) i += 1;
    if (i === this.position) this.fail(problem);
    this.position = i;
  }

  /** A lone surrogate reads as U+FFFD, as in Go's decoder. */
  #decode(start: number, end: number, hasEscape: boolean): string {
    if (!hasEscape) return this.bytes.toString('utf8', start, end);
    const literal = this.bytes.toString('utf8', start - 1, end + 1);
    return (JSON.parse(literal) as string).toWellFormed();
  }
}

/** A scanner inside the one object that the bytes must be: call `enter(CLOSE_BRACE, 1)` next. */
export function scanObject(bytes: Buffer): Scanner {
  const scanner = new Scanner(bytes);
  if (scanner.peek() !== OPEN_BRACE) scanner.fail('expected an object');
  return scanner;
}

function byteTable(has: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0));
}
