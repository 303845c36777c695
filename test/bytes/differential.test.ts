import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MalformedJson,
  readFacts,
  readFrame,
  readFrameWithFacts,
  readPaths,
  splitList,
  splitListWithFacts,
  type ObjectFacts,
} from '../../src/bytes/index.ts';
import {
  canonical,
  isObject,
  member,
  Numeral,
  readWithOracle,
  textOf,
  type Json,
} from './lossless-oracle.ts';
import { randomJson } from './random-json.ts';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1500) };
const timeout = Math.max(20_000, runs.numRuns * 20);

const randomBytes = randomJson.map((text) => Buffer.from(text));

/** Mostly cut off, altered, shortened or lengthened by a byte: near misses are the hard cases. */
const damagedBytes = fc
  .tuple(
    randomBytes,
    fc.constantFrom('truncate', 'alter', 'insert', 'delete', 'flip'),
    fc.nat(),
    fc.oneof(
      fc.constantFrom(...Buffer.from('{}[]",:\\ \n\tu0-+.eE1a\x00\x7f')),
      fc.nat({ max: 255 }),
    ),
  )
  .map(([bytes, damage, place, byte]) => {
    const at = place % (bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    if (damage === 'truncate') return before;
    if (damage === 'insert') return Buffer.concat([before, Buffer.of(byte), after]);
    if (damage === 'delete') return Buffer.concat([before, after.subarray(1)]);
    const other = damage === 'flip' ? (after[0] ?? 0) ^ (1 << (byte % 8)) : byte;
    return Buffer.concat([before, Buffer.of(other), after.subarray(1)]);
  });

const paths = [
  ['metadata', 'name'],
  ['metadata', 'labels', 'a'],
  ['metadata', 'labels'],
  ['spec', 'selector', 'a'],
  ['metadata', 'name'],
  ['kind'],
  ['__proto__'],
  ['né"w'],
  [],
];

const cases = [
  { input: 'well-formed', bytes: randomBytes },
  { input: 'damaged', bytes: damagedBytes },
];

describe.each(cases)('for $input bytes', ({ bytes }) => {
  it('readFacts says what a lossless reader says, or refuses with it', { timeout }, () => {
    const property = fc.property(bytes, (input) => {
      const got = attempt(() => comparable(readFacts(input)));

      expect(got).toEqual(wanted(input, isObject, (tree) => comparable(factsOf(tree))));
    });

    fc.assert(property, runs);
  });

  it('readPaths says what a lossless reader says, or refuses with it', { timeout }, () => {
    const property = fc.property(bytes, (input) => {
      const got = attempt(() => readPaths(input, paths));

      expect(got).toEqual(
        wanted(input, isObject, (tree) => paths.map((path) => textAt(tree, path))),
      );
    });

    fc.assert(property, runs);
  });

  it('splitList gives the items of a lossless reader, or refuses with it', { timeout }, () => {
    const property = fc.property(bytes, (input) => {
      const got = attempt(() => {
        const { items, ...list } = splitList(input);
        return { ...list, items: items.map((item) => canonical(readWithOracle(item)!.tree)) };
      });

      expect(got).toEqual(wanted(input, isList, listOf));
    });

    fc.assert(property, runs);
  });

  it('splitListWithFacts is splitList and readFacts', { timeout }, () => {
    const property = fc.property(bytes, (input) => {
      const got = attempt(() => {
        const { facts, ...list } = splitListWithFacts(input);
        return { list, facts: facts.map(comparable) };
      });

      const inTwo = attempt(() => {
        const list = splitList(input);
        return { list, facts: list.items.map((item) => comparable(readFacts(item))) };
      });
      expect(got).toEqual(inTwo);
    });

    fc.assert(property, runs);
  });

  it('readFrame gives the object of a lossless reader, or refuses with it', { timeout }, () => {
    const property = fc.property(bytes, (input) => {
      const got = attempt(() => {
        const { type, object, facts } = readFrameWithFacts(input);
        expect(readFrame(input)).toEqual({ type, object });
        return { type, object: canonical(readWithOracle(object)!.tree), facts: comparable(facts) };
      });

      expect(got).toEqual(
        wanted(input, isFrame, (tree) => ({
          type: textOf(member(tree, 'type')),
          object: canonical(member(tree, 'object')!),
          facts: comparable(factsOf(member(tree, 'object'))),
        })),
      );
    });

    fc.assert(property, runs);
  });
});

/** Only MalformedJson is a refusal: anything else that is thrown fails the test. */
function attempt<T>(read: () => T): T | 'refused' {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedJson) return 'refused';
    throw error;
  }
}

function wanted<T>(
  input: Buffer,
  hasShape: (tree: Json) => boolean,
  read: (tree: Json) => T,
): T | 'refused' {
  const oracle = readWithOracle(input);
  return oracle && hasShape(oracle.tree) ? read(oracle.tree) : 'refused';
}

function isList(tree: Json): boolean {
  const items = member(tree, 'items');
  return items === null || (Array.isArray(items) && items.every((item) => isObject(item)));
}

const isFrame = (tree: Json): boolean =>
  typeof member(tree, 'type') === 'string' && isObject(member(tree, 'object'));

function listOf(tree: Json) {
  const metadata = member(tree, 'metadata');
  const remaining = member(metadata, 'remainingItemCount');
  const isCount = remaining instanceof Numeral && /^\d{1,15}$/.test(remaining.source);
  const items = member(tree, 'items');
  return {
    apiVersion: textOf(member(tree, 'apiVersion')),
    kind: textOf(member(tree, 'kind')),
    resourceVersion: textOf(member(metadata, 'resourceVersion')),
    continueToken: textOf(member(metadata, 'continue')),
    remainingItemCount: isCount ? Number(remaining.source) : undefined,
    items: Array.isArray(items) ? items.map(canonical) : [],
  };
}

function factsOf(tree: Json | undefined): ObjectFacts {
  const metadata = member(tree, 'metadata');
  const labels = member(metadata, 'labels');
  const entries = isObject(labels) ? Object.entries(labels) : [];
  return {
    apiVersion: textOf(member(tree, 'apiVersion')),
    kind: textOf(member(tree, 'kind')),
    name: textOf(member(metadata, 'name')),
    namespace: textOf(member(metadata, 'namespace')),
    uid: textOf(member(metadata, 'uid')),
    resourceVersion: textOf(member(metadata, 'resourceVersion')),
    creationTimestamp: textOf(member(metadata, 'creationTimestamp')),
    labels: Object.fromEntries(
      entries.flatMap(([key, value]) =>
        typeof value === 'string' ? [[key.toWellFormed(), value.toWellFormed()]] : [],
      ),
    ),
  };
}

/** Labels as sorted pairs: a key such as `__proto__` would be lost in a plain comparison. */
const comparable = ({ labels, ...texts }: ObjectFacts) => ({
  ...texts,
  labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)),
});

function textAt(tree: Json, path: readonly string[]): string {
  const value = path.reduce<Json | undefined>(member, tree);
  if (value instanceof Numeral) return value.source;
  return typeof value === 'boolean' ? String(value) : textOf(value);
}
