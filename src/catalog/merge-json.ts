/**
 * How deep objects are merged: keys that have a rule here are merged by it, `*` stands for all keys;
 * the value of any other key is taken whole from the first document that has it.
 */
export interface MergeRule {
  readonly [key: string]: MergeRule;
}

interface Value {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

interface Entry {
  /** As written, quotes included. */
  readonly rawKey: string;
  readonly values: Value[];
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/**
 * The union of JSON objects, made of their own bytes: no number is rounded, nothing reformatted.
 * Where documents differ the earlier one wins.
 * @param documents - well-formed JSON objects (that they are is not checked here), at least one
 */
export function mergeJson(documents: readonly Buffer[], rule: MergeRule): Buffer {
  const values = documents.map((bytes) => {
    const start = skipSpace(bytes, 0);
    return { bytes, start, end: valueEnd(bytes, start) };
  });
  const pieces: Buffer[] = [];
  writeMerged(pieces, values, rule);
  return Buffer.concat(pieces);
}

function writeMerged(pieces: Buffer[], values: readonly Value[], rule: MergeRule): void {
  const objects = values.filter(({ bytes, start }) => bytes[start] === OPEN_BRACE);
  const entries = new Map<string, Entry>();
  for (const object of objects) collectEntries(object, entries);
  let separator = '{';
  for (const [key, { rawKey, values: ofKey }] of entries) {
    pieces.push(Buffer.from(`${separator}${rawKey}:`));
    separator = ',';
    const deeper = Object.hasOwn(rule, key) ? rule[key] : rule['*'];
    const [first, ...others] = ofKey;
    if (first && (deeper === undefined || others.length === 0)) {
      pieces.push(first.bytes.subarray(first.start, first.end));
    } else if (deeper) {
      writeMerged(pieces, ofKey, deeper);
    }
  }
  pieces.push(Buffer.from(separator === '{' ? '{}' : '}'));
}

function collectEntries({ bytes, start }: Value, entries: Map<string, Entry>): void {
  let at = skipSpace(bytes, start + 1);
  while (bytes[at] === QUOTE) {
    const keyEnd = stringEnd(bytes, at);
    const rawKey = bytes.toString('utf8', at, keyEnd);
    const from = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const end = valueEnd(bytes, from);
    const key = JSON.parse(rawKey) as string;
    const value = { bytes, start: from, end };
    const known = entries.get(key);
    if (known) known.values.push(value);
    else entries.set(key, { rawKey, values: [value] });
    at = skipSpace(bytes, end);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at += 1;
  return at;
}

/** @param at - the opening quote */
function stringEnd(bytes: Buffer, at: number): number {
  let end = bytes.indexOf(QUOTE, at + 1);
  while (end >= 0 && isEscaped(bytes, end)) end = bytes.indexOf(QUOTE, end + 1);
  return end < 0 ? bytes.length : end + 1;
}

function isEscaped(bytes: Buffer, quote: number): boolean {
  let backslashes = 0;
  while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function valueEnd(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return stringEnd(bytes, start);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return scalarEnd(bytes, start);
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return bytes.length;
}

function scalarEnd(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && isScalar(bytes[at] ?? 0)) at += 1;
  return at;
}

const isScalar = (byte: number): boolean =>
  byte > 0x20 && byte !== COMMA && byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET;
