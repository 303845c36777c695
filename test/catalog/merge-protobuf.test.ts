import { expect, it } from 'vitest';

import { mergeProtobuf, readFields } from '../../src/catalog/merge-protobuf.ts';

const field = (number: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  const length =
    bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]);
};
const entry = (name: string, value: string): Buffer =>
  field(2, Buffer.concat([field(1, name), field(2, value)]));
const document = (title: string, ...entries: Buffer[]): Buffer =>
  Buffer.concat([
    field(1, title),
    field(8, Buffer.concat(entries)),
    Buffer.from([0x18, 0x96, 0x01]),
  ]);

const RULE = { messages: { 8: { named: 2 } } };

function entries(message: Buffer): string[] {
  return readFields(message)
    .filter(({ number }) => number === 8)
    .flatMap(({ content }) => readFields(content!))
    .map(({ content }) =>
      readFields(content!)
        .map((part) => part.content!.toString())
        .join('='),
    );
}

it('keeps the first message byte for byte and adds entries of new names only', () => {
  const first = document('one', entry('a', '1'), entry('b', '2'));
  const long = 'x'.repeat(300);

  const merged = mergeProtobuf(
    [
      first,
      document('two', entry('b', 'other'), entry('c', long)),
      document('three', entry('c', 'late'), entry('d', '4')),
    ],
    RULE,
  );

  expect(merged.subarray(0, first.length).equals(first)).toBe(true);
  expect(entries(merged)).toEqual(['a=1', 'b=2', `c=${long}`, 'd=4']);
});

it('adds nothing when nothing is new', () => {
  const first = document('one', entry('a', '1'));

  expect(mergeProtobuf([first, document('two', entry('a', '2'))], RULE)).toEqual(first);
});

it('merges messages within messages', () => {
  const rule = { messages: { 5: { messages: { 1: { named: 2 } } } } };
  const nested = (name: string) => field(5, field(1, entry(name, 'v')));

  const merged = mergeProtobuf([nested('a'), nested('b')], rule);

  const names = readFields(merged).flatMap(({ content }) =>
    readFields(content!).flatMap((inner) => readFields(inner.content!)),
  );
  expect(names.map(({ content }) => readFields(content!)[0]!.content!.toString())).toEqual([
    'a',
    'b',
  ]);
});

it.each([
  { title: 'cut off in a length', bytes: [0x42, 0xff] },
  { title: 'shorter than it says', bytes: [0x42, 0x05, 0x01] },
  { title: 'of a group', bytes: [0x43] },
])('refuses what is $title', ({ bytes }) => {
  expect(() => mergeProtobuf([Buffer.alloc(0), Buffer.from(bytes)], RULE)).toThrow(/protobuf/);
});
