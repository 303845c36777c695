import fc from 'fast-check';
import { expect, it } from 'vitest';

import { mergeJson, type MergeRule } from '../../src/catalog/merge-json.ts';

const merge = (rule: MergeRule, ...documents: string[]) =>
  mergeJson(
    documents.map((text) => Buffer.from(text)),
    rule,
  ).toString();

it.each([
  { title: 'one document stays as it is', of: ['{"a":1,"b":[2]}'], want: '{"a":1,"b":[2]}' },
  { title: 'the first wins', of: ['{"a":1}', '{"a":2}'], want: '{"a":1}' },
  {
    title: 'what only the second has follows',
    of: ['{"b":1}', '{"a":{"x":[]}}'],
    want: '{"b":1,"a":{"x":[]}}',
  },
  {
    title: 'entries of a ruled key are merged',
    of: ['{"p":{"x":1}}', '{"p":{"x":2,"y":3}}'],
    want: '{"p":{"x":1,"y":3}}',
  },
  {
    title: 'entries of others are not',
    of: ['{"q":{"x":1}}', '{"q":{"y":3}}'],
    want: '{"q":{"x":1}}',
  },
  {
    title: 'a star stands for all keys',
    of: ['{"c":{"s":{"x":1}}}', '{"c":{"s":{"y":2},"t":{}}}'],
    want: '{"c":{"s":{"x":1,"y":2},"t":{}}}',
  },
  {
    title: 'numbers keep every digit',
    of: ['{"p":{"n":9007199254740993}}', '{"p":{"m":1.10e400}}'],
    want: '{"p":{"n":9007199254740993,"m":1.10e400}}',
  },
  {
    title: 'braces and quotes in strings are text',
    of: ['{"p":{"}\\"{":"\\\\"}}', '{"p":{"x":"]}\\\\\\"{"}}'],
    want: '{"p":{"}\\"{":"\\\\","x":"]}\\\\\\"{"}}',
  },
  {
    title: 'keys are equal however they are escaped',
    of: ['{"p":{"a/b":1}}', '{"p":{"a\\/b":2}}'],
    want: '{"p":{"a/b":1}}',
  },
  {
    title: 'white space between is no matter',
    of: [' {\n "p" : { } }\n', '{ "p" :\t{ "x" : 1 , "y" : null } }'],
    want: '{"p":{"x":1,"y":null}}',
  },
  { title: 'empty objects stay', of: ['{}', '{}'], want: '{}' },
])('$title', ({ of, want }) => {
  expect(merge({ p: {}, c: { '*': {} } }, ...of)).toBe(want);
});

it('is what merging parsed objects gives', () => {
  const documents = fc.array(
    fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue())),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(documents, (objects) => {
      const want: Record<string, object> = Object.create(null) as Record<string, object>;
      for (const object of objects.toReversed()) {
        for (const [key, value] of Object.entries(object)) {
          want[key] = Object.assign(Object.create(null) as object, want[key], value);
        }
      }
      const merged = merge({ '*': {} }, ...objects.map((object) => JSON.stringify(object)));

      expect(JSON.parse(merged)).toEqual(JSON.parse(JSON.stringify(want)));
    }),
  );
});
