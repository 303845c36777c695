import { filled } from './filled.ts';

/** One step of a parsed path. */
export type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'every' }
  | { readonly kind: 'descend' }
  | {
      readonly kind: 'literal';
      readonly value: string | number | boolean;
      readonly isFloat: boolean;
    }
  | { readonly kind: 'unknown'; readonly word: string }
  | Slice
  | { readonly kind: 'union'; readonly branches: readonly Path[] }
  | Filter;

/** Steps, each applied to all that the one before has found. */
export type Path = readonly Step[];

/** `[from:to:step]`; an undefined bound is the list's own. */
export interface Slice {
  readonly kind: 'slice';
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number | undefined;
  /** Whether it was written as a plain index. */
  readonly isIndex: boolean;
}

/** `[?(left operator right)]`, or `[?(left)]` with the operator `exists`. */
export interface Filter {
  readonly kind: 'filter';
  readonly left: Path;
  readonly operator: string;
  readonly right: Path;
}

/** What is left to read, and the steps read so far. */
interface Reading {
  readonly rest: string;
  readonly step?: Step | readonly Step[];
}

/**
 * Parses the JSONPath dialect of a CRD's columns: `.a.b`, `['a']`, `[0]`, `[-1:]`, `[*]`, `[0,2]`,
 * `..a`, `[?(@.type=="Ready")]`, and a backslash before a dot that belongs to a name (in quotes
 * too: `['a\.b']`).
 *
 * @returns undefined when it is not a path
 */
export function parseJsonPath(text: string): Path | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '' && !rest.startsWith('}')) {
    const reading = readStep(rest, steps.at(-1));
    if (!reading) return undefined;
    if (reading.step) steps.push(...[reading.step].flat());
    rest = reading.rest;
  }
  return steps;
}

/** Ends a name. */
const NAME = /^(?:\\.|[^\s.,[\]$@{}\\])*/su;

function readStep(text: string, previous: Step | undefined): Reading | undefined {
  if (text.startsWith('[?(')) return readFilter(text);
  if (text.startsWith('..')) return readDescent(text, previous);

  const first = text.charAt(0);
  if (first === ' ' || first === '@' || first === '$') return { rest: text.slice(1) };
  if (first === '[') return readBrackets(text);
  if (first === '"' || first === "'") return readQuoted(text, first);
  if (first === '.') return readField(text.slice(1));
  if (/[+\-\d]/.test(first)) return readNumber(text);
  return /[_\p{L}\p{Nd}]/u.test(first) ? readWord(text) : undefined;
}

function readField(text: string): Reading {
  const [name = ''] = NAME.exec(text) ?? [];
  const rest = text.slice(name.length);
  if (name === '*') return { rest, step: { kind: 'every' } };
  return { rest, step: { kind: 'field', name: name.replaceAll('\\', '') } };
}

function readDescent(text: string, previous: Step | undefined): Reading | undefined {
  if (previous?.kind === 'descend') return undefined;
  const rest = text.slice(2);
  const descend: Step = { kind: 'descend' };
  if (!/^[_\p{L}\p{Nd}]/u.test(rest)) return { rest, step: descend };
  const field = readField(rest);
  return { rest: field.rest, step: [descend, field.step ?? []].flat() };
}

function readWord(text: string): Reading {
  const [word = ''] = NAME.exec(text) ?? [];
  const rest = text.slice(word.length);
  const isBoolean = word === 'true' || word === 'false';
  if (!isBoolean) return { rest, step: { kind: 'unknown', word } };
  return { rest, step: { kind: 'literal', value: word === 'true', isFloat: false } };
}

function readNumber(text: string): Reading | undefined {
  const [number = ''] = /^[+-]?[\d.]*/.exec(text) ?? [];
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number)) return undefined;
  const step: Step = { kind: 'literal', value: Number(number), isFloat: number.includes('.') };
  return { rest: text.slice(number.length), step };
}

function readQuoted(text: string, quote: string): Reading | undefined {
  const match = /^(["'])((?:\\.|(?!\1)[^\\\n])*)\1/u.exec(text);
  const inside = match?.[2];
  if (match === null || inside === undefined) return undefined;
  const value = inside.replace(/\\(.)/gu, (whole, character: string) =>
    character === quote || character === '\\' ? character : whole,
  );
  return { rest: text.slice(match[0].length), step: { kind: 'literal', value, isFloat: false } };
}

function readBrackets(text: string): Reading | undefined {
  const inside = /^\[([^\]\n]*)\]/.exec(text)?.[1];
  if (inside === undefined) return undefined;
  const rest = text.slice(inside.length + 2);

  const parts = inside.split(',');
  if (parts.length > 1) {
    const branches = parts.map((part) => parseJsonPath(`[${part.replace(/^ +| +$/g, '')}]`));
    return branches.includes(undefined)
      ? undefined
      : {
          rest,
          step: { kind: 'union', branches: branches.filter((branch) => branch !== undefined) },
        };
  }

  const name = /^'([^']*)'$/.exec(inside)?.[1];
  if (name !== undefined) {
    const step = parseJsonPath(`.${name}`);
    return step && { rest, step };
  }
  const slice = sliceOf(inside === '*' ? ':' : inside);
  return slice && { rest, step: slice };
}

function sliceOf(text: string): Slice | undefined {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
  if (!match) return undefined;
  const [from, to, step] = match.slice(1).map(boundOf);
  if ([from, to, step].includes(NaN)) return undefined;
  const isIndex = filled(match[2]) === '';
  return { kind: 'slice', from, to: isIndex ? (from ?? 0) + 1 : to, step, isIndex };
}

/** `3`, `:3` or `:`; groups that did not take part are undefined, whatever their type says. */
function boundOf(text: string | undefined): number | undefined {
  const digits = filled(text).replace(':', '');
  return digits === '' ? undefined : Number(digits);
}

function readFilter(text: string): Reading | undefined {
  const inside = filterText(text.slice(3));
  if (inside === undefined) return undefined;
  const rest = text.slice(3 + inside.length);
  if (!rest.startsWith(')]')) return undefined;

  const [, leftText = inside, operator = 'exists', rightText = ''] =
    /^([^!<>=]+)([!<>=]+)(.+)$/.exec(inside) ?? [];
  const left = parseJsonPath(leftText);
  const right = parseJsonPath(rightText);
  return left && right && { rest: rest.slice(2), step: { kind: 'filter', left, operator, right } };
}

/** Up to the bracket that closes the filter: one inside of the first quoted string does not. */
function filterText(text: string): string | undefined {
  return /^(?:[^"')\n]*|[^"')\n]*(["'])(?:\\.|(?!\1)[^\\\n])*\1[^)\n]*)(?=\))/u.exec(text)?.[0];
}
