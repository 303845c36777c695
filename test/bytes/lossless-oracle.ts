import { LosslessNumber, parse as parseLossless } from 'lossless-json';

/** A number as it was written. */
export class Numeral {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Json = string | boolean | null | Numeral | Json[] | { [key: string]: Json };

/** A string, or the beginning of an array; the text around it has been found to be strict JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|\[\s*(\]?)/g;
const ARRAY = '\0array';

/**
 * What two other readers make of the bytes: both must accept them. The tree is lossless-json's. It
 * gets a mark as first element of every array, as it takes `[]` for equal to `{}` where keys are, and
 * then keeps the first. JSON.parse's tree would not do: V8 13.6 sometimes reads the key `"\""`, or
 * another with an escape, as a backslash, if it has seen the key `"\\"` before.
 *
 * @returns undefined when either refuses
 */
export function readWithOracle(bytes: Buffer): { tree: Json } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text);
    parse(text);
    const marked = text.replace(TOKEN, (token, end?: string) => {
      if (token.startsWith('"')) return token;
      return `[${JSON.stringify(ARRAY)}${end === ']' ? ']' : ','}`;
    });
    return { tree: withoutMarks(parse(marked)) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

type Parsed = string | boolean | null | LosslessNumber | Parsed[] | { [key: string]: Parsed };

const parse = (text: string): Parsed =>
  parseLossless(text, undefined, { onDuplicateKey: ({ newValue }) => newValue }) as Parsed;

function withoutMarks(value: Parsed): Json {
  if (value instanceof LosslessNumber) return new Numeral(value.value);
  if (Array.isArray(value)) return value.slice(1).map(withoutMarks);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutMarks(inner)]),
  );
}

export const isObject = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Numeral);

/** An own member; undefined for what is missing. */
export const member = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The decoded text of a string, '' for anything else. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value.toWellFormed() : '';

/** Equal trees have equal texts, whatever the order of their keys. */
export function canonical(value: Json): string {
  if (value instanceof Numeral) return value.source;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`,
  );
  return `{${members.sort().join()}}`;
}
