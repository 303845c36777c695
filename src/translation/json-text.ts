import { isUtf8 } from 'node:buffer';

/** Containers within containers; Go's decoder stops at the same number. */
const MAX_DEPTH = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Strict JSON or SyntaxError, without a call stack that grows with the nesting. */
export function checkJson(text: string): void {
  if (valueDepth(text) > MAX_DEPTH) throw new SyntaxError('exceeded max depth');
  JSON.parse(text);
}

/** @throws SyntaxError when the bytes are not well-formed UTF-8 */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new SyntaxError('invalid UTF-8');
  return bytes.toString('utf8');
}

/** Characters that a YAML reader folds or refuses where a JSON reader takes them as they are. */
const NOT_FOR_YAML = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A string literal that JSON and YAML readers understand alike. */
export function quoteText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    NOT_FOR_YAML,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** Where the string that opens at `start` ends, past its quote. */
export function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at + 1;
}

/** Where the value that begins at `start` ends; the text must have passed `checkJson`. */
export function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringEnd(text, start);
  if (!isOpener(first)) return scalarEnd(text, start);
  let depth = 0;
  let at = start;
  do {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      at = stringEnd(text, at);
      continue;
    }
    if (isOpener(char)) depth += 1;
    else if (isCloser(char)) depth -= 1;
    at += 1;
  } while (depth > 0);
  return at;
}

function scalarEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !',]}'.includes(text.charAt(at)) && text.charCodeAt(at) > 0x20)
    at += 1;
  return at;
}

/** How deep brackets nest, in any text. */
function valueDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = stringEnd(text, at) - 1;
    else if (isOpener(char)) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (isCloser(char)) depth -= 1;
  }
  return deepest;
}

function isOpener(char: number): boolean {
  return char === OPEN_BRACE || char === OPEN_BRACKET;
}

function isCloser(char: number): boolean {
  return char === CLOSE_BRACE || char === CLOSE_BRACKET;
}
