import { parse as parseLossless } from 'lossless-json';

/** A number as it was written. */
export class Numeral {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Json = string | boolean | null | Numeral | Json[] | { [key: string]: Json };

/** A string or a number; the text around it has been found to be strict JSON. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const NUMERAL = '\0numeral ';

/**
 * What two other readers make of the bytes: both must accept them. The tree is JSON.parse's, given
 * numbers as strings. (Where keys are equal, lossless-json's tree will not
 * do, as it takes `[]` for equal to `{}`, nor will a reviver of JSON.parse: with one, V8 has been
 * seen to keep the first of equal keys.)
 *
 * @returns undefined when either refuses
 */
export function readWithOracle(bytes: Buffer): { tree: Json } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    parseLossless(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });
    JSON.parse(text);
    const quoted = text.replace(TOKEN, (token) =>
      token.startsWith('"') ? token : JSON.stringify(NUMERAL + token),
    );
    return { tree: withNumerals(JSON.parse(quoted) as Json) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function withNumerals(value: Json): Json {
  if (typeof value === 'string' && value.startsWith(NUMERAL)) {
    return new Numeral(value.slice(NUMERAL.length));
  }
  if (Array.isArray(value)) return value.map(withNumerals);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withNumerals(inner)]),
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
