import type { Filter, Path, Slice, Step } from './json-path.ts';

/**
 * All values that a path finds in a document, in its order; empty when there are none.
 *
 * @returns undefined when the path can't be applied: an index out of bounds, a filter on what is no
 * list, a comparison of values of different types. A server then prints no value at all.
 */
export function findByPath(document: unknown, path: Path): unknown[] | undefined {
  let found: unknown[] | undefined = [document];
  for (const step of path) {
    found = apply(step, found);
    if (found === undefined) return undefined;
  }
  return found;
}

function apply(step: Step, values: readonly unknown[]): unknown[] | undefined {
  switch (step.kind) {
    case 'field':
      return values.flatMap((value) => fieldOf(value, step.name));
    case 'every':
      return values.flatMap(children);
    case 'descend':
      return values.flatMap(withDescendants);
    case 'literal':
      return values.map(() => (step.isFloat ? new Float(step.value) : step.value));
    case 'slice':
      return flatten(values.map((value) => slice(value, step)));
    case 'union':
      return flatten(step.branches.map((branch) => findAll(values, branch)));
    case 'filter':
      return flatten(values.map((value) => filter(value, step)));
    case 'unknown':
      return undefined;
  }
}

function findAll(values: readonly unknown[], path: Path): unknown[] | undefined {
  return path.reduce<unknown[] | undefined>(
    (found, step) => found && apply(step, found),
    [...values],
  );
}

/** Everything, or undefined if any part is. */
function flatten(parts: readonly (readonly unknown[] | undefined)[]): unknown[] | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === parts.length ? present.flat() : undefined;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldOf(value: unknown, name: string): unknown[] {
  return isMap(value) && Object.hasOwn(value, name) ? [value[name]] : [];
}

function children(value: unknown): unknown[] {
  if (isList(value)) return [...value];
  return isMap(value) ? Object.values(value) : [];
}

/** The value and all below it that hold something. */
function withDescendants(value: unknown): unknown[] {
  const below = children(value);
  return below.length > 0 ? [value, ...below.flatMap(withDescendants)] : [];
}

function slice(value: unknown, { from = 0, to, step = 1, isIndex }: Slice): unknown[] | undefined {
  if (value === null) return [];
  if (!isList(value)) return undefined;

  const start = from < 0 ? from + value.length : from;
  const end = endOf(to, value.length, isIndex);
  if (start === end) return [];
  if (start < 0 || start >= value.length || end < start || end > value.length) return undefined;
  if (step <= 0) return undefined;
  return value.slice(start, end).filter((_, index) => index % step === 0);
}

/** The index -1 ends where the list does. */
function endOf(to: number | undefined, length: number, isIndex: boolean): number {
  if (to === undefined) return length;
  return to < 0 || (to === 0 && isIndex) ? to + length : to;
}

function filter(value: unknown, condition: Filter): unknown[] | undefined {
  if (!isList(value)) return undefined;
  const verdicts = value.map((item) => holds(item, condition));
  if (verdicts.includes(undefined)) return undefined;
  return value.filter((_, index) => verdicts[index]);
}

function holds(item: unknown, { left, operator, right }: Filter): boolean | undefined {
  const lefts = findByPath(item, left);
  if (operator === 'exists') return lefts !== undefined && lefts.length > 0;
  if (lefts === undefined || lefts.length > 1) return undefined;
  if (lefts.length === 0) return false;

  const rights = findByPath(item, right);
  if (rights === undefined || rights.length > 1) return undefined;
  return rights.length === 0 ? false : compare(lefts[0], operator, rights[0]);
}

/** A number that was written with a point: never comparable with a whole one. */
class Float {
  readonly value: string | number | boolean;

  constructor(value: string | number | boolean) {
    this.value = value;
  }
}

type Comparable = string | number | bigint | boolean;

function compare(left: unknown, operator: string, right: unknown): boolean | undefined {
  const a = comparable(left);
  const b = comparable(right);
  if (!a || a.type !== b?.type) return undefined;
  if (operator === '==') return a.value === b.value;
  if (operator === '!=') return a.value !== b.value;
  return a.type === 'boolean' ? undefined : inOrder(a.value, operator, b.value);
}

function inOrder(a: Comparable, operator: string, b: Comparable): boolean | undefined {
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return undefined;
  }
}

function comparable(value: unknown): { type: string; value: Comparable } | undefined {
  if (value instanceof Float) return { type: 'float', value: value.value };
  if (typeof value === 'string' || typeof value === 'boolean') return { type: typeof value, value };
  if (typeof value === 'bigint') return { type: 'integer', value };
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value)
    ? { type: 'integer', value: BigInt(value) }
    : { type: 'float', value };
}
