import { parse as parseLossless } from 'lossless-json';

/** A number as it was written. */
export class Numeral {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Json = string | boolean | null | Numeral | Json[] | { [key: string]: Json };

type SourceReviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/**
 * What two other readers make of the bytes: both must accept them. The tree is JSON.parse's, numbers
 * kept as text, because lossless-json takes `{}` and `[]` for equal when keys are.
 *
 * @returns undefined when either refuses
 */
export function readWithOracle(bytes: Buffer): { tree: Json } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    parseLossless(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });
    const tree = parseWithSource(text, (_key, value, { source }) =>
      typeof value === 'number' ? new Numeral(source!) : value,
    );
    return { tree: tree as Json };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
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
