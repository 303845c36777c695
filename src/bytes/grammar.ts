import { MalformedJson } from './malformed-json.ts';

/** Containers within containers; Go's decoder stops at the same number. */
const MAX_DEPTH = 10_000;

/** What stands for a byte behind the last one. */
const END = -1;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const ZERO = 0x30;
export const BACKSLASH = 0x5c;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
/** What null begins with, and nothing else. */
export const LETTER_N = 0x6e;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

const HEX = byteTable('0123456789abcdefABCDEF');
const ESCAPE = byteTable('"\\/bfnrt');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * For each open container the byte that closes it. One for all callers: `passValue` runs to its end
 * without giving way, so that no two uses of it overlap.
 */
const closers = new Uint8Array(MAX_DEPTH + 1);

/*
 * RFC 8259 as functions from a place to the place behind what stands there. They take and give plain
 * numbers and keep their state in local variables: this is the innermost loop of all that is read.
 */

/** @returns the place of the next byte that is no white space, which may be the end */
export function passSpace(bytes: Buffer, start: number): number {
  let at = start;
  let byte = bytes[at] ?? END;
  if (byte > 0x20) return at; // nearly always: API servers write none
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
    at += 1;
    byte = bytes[at] ?? END;
  }
  return at;
}

/** Inside a string: passes what stands for itself. @returns a quote or a backslash */
export function passPlain(bytes: Buffer, start: number): number {
  let at = start;
  let byte = bytes[at] ?? END;
  while (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
    at += 1;
    byte = bytes[at] ?? END;
  }
  if (byte < 0x20) malformed('unfinished string or control character', at);
  return at;
}

/** From a place inside a string, not within an escape. @returns behind its closing quote */
export function passString(bytes: Buffer, start: number): number {
  let at = passPlain(bytes, start);
  while (bytes[at] === BACKSLASH) at = passPlain(bytes, passEscape(bytes, at + 1));
  return at + 1;
}

/** A member's name and its colon, with white space before both. */
export function passKey(bytes: Buffer, start: number): number {
  const at = passSpace(bytes, start);
  if (bytes[at] !== QUOTE) malformed("expected a member's name", at);
  return passColon(bytes, passString(bytes, at + 1));
}

export function passColon(bytes: Buffer, start: number): number {
  const at = passSpace(bytes, start);
  if (bytes[at] !== COLON) malformed('expected a colon', at);
  return at + 1;
}

/** Behind an opening byte. @returns behind `closer` if nothing is in between, else `start` */
export function passEmpty(bytes: Buffer, start: number, closer: number): number {
  const at = passSpace(bytes, start);
  return bytes[at] === closer ? at + 1 : start;
}

/** Behind a value in a container. @returns behind the comma or behind `closer` */
export function passSeparator(bytes: Buffer, start: number, closer: number): number {
  const at = passSpace(bytes, start);
  const byte = bytes[at];
  if (byte !== COMMA && byte !== closer) {
    malformed('expected a comma or the end of the container', at);
  }
  return at + 1;
}

/**
 * One value of any kind, with white space before it. Needs no call stack, however deep it is nested.
 *
 * @param depth - containers around the value
 */
export function passValue(bytes: Buffer, start: number, depth: number): number {
  let at = start;
  let level = depth;
  do {
    at = passSpace(bytes, at);
    const byte = bytes[at] ?? END;
    if (byte === QUOTE) at = passString(bytes, at + 1);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      const closer = byte + 2;
      checkDepth(level + 1, at);
      const inside = at + 1;
      at = passEmpty(bytes, inside, closer);
      if (at === inside) {
        level += 1;
        closers[level] = closer;
        at = passEntryStart(bytes, at, closer);
        continue;
      }
    } else at = passScalar(bytes, at, byte);

    while (level > depth) {
      const closer = closers[level] ?? 0;
      at = passSeparator(bytes, at, closer);
      if (bytes[at - 1] === COMMA) {
        at = passEntryStart(bytes, at, closer);
        break;
      }
      level -= 1;
    }
  } while (level > depth);
  return at;
}

export function checkDepth(depth: number, at: number): void {
  if (depth > MAX_DEPTH) malformed(`nested deeper than ${MAX_DEPTH}`, at);
}

export function malformed(problem: string, offset: number): never {
  throw new MalformedJson(problem, offset);
}

/** A member's name where the container is an object; nothing in an array. */
const passEntryStart = (bytes: Buffer, at: number, closer: number): number =>
  closer === CLOSE_BRACE ? passKey(bytes, at) : at;

/** Behind a backslash. */
function passEscape(bytes: Buffer, at: number): number {
  if (ESCAPE[bytes[at] ?? 0] === 1) return at + 1;
  if (bytes[at] !== 0x75) malformed('bad escape', at);
  for (let i = at + 1; i <= at + 4; i += 1) {
    if (HEX[bytes[i] ?? 0] !== 1) malformed('bad escape', i);
  }
  return at + 5;
}

function passScalar(bytes: Buffer, at: number, byte: number): number {
  if (byte === 0x74) return passWord(bytes, at, TRUE);
  if (byte === 0x66) return passWord(bytes, at, FALSE);
  if (byte === LETTER_N) return passWord(bytes, at, NULL);
  return passNumber(bytes, at);
}

function passWord(bytes: Buffer, at: number, word: Buffer): number {
  for (let i = 0; i < word.length; i += 1) {
    if (bytes[at + i] !== word[i]) malformed('expected a value', at);
  }
  return at + word.length;
}

function passNumber(bytes: Buffer, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  at = bytes[at] === ZERO ? at + 1 : passDigits(bytes, at);
  if (bytes[at] === 0x2e) at = passDigits(bytes, at + 1);
  if (((bytes[at] ?? 0) | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  return passDigits(bytes, sign === 0x2b || sign === MINUS ? at + 2 : at + 1);
}

/** One digit or more. */
function passDigits(bytes: Buffer, start: number): number {
  let at = start;
  let byte = bytes[at] ?? END;
  while (byte >= ZERO && byte <= 0x39) {
    at += 1;
    byte = bytes[at] ?? END;
  }
  if (at === start) malformed('expected a value', at);
  return at;
}

/** 1 for each of the characters' bytes. */
function byteTable(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) table[byte] = 1;
  return table;
}
