import { describe, expect, it } from 'vitest';
import { MalformedJson, splitList, splitListWithFacts } from '../../src/bytes/index.ts';

describe('splitList', () => {
  it('reads the list and cuts its items byte for byte', () => {
    const body = Buffer.from(
      `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"t","remainingItemCount":3},
        "items":[ {"a" : 1.0}, {} ,{"b":"\\u0041"}]}\n`,
    );

    const { items, ...list } = splitList(body);

    expect(items.map(String)).toEqual(['{"a" : 1.0}', '{}', '{"b":"\\u0041"}']);
    expect(list).toEqual({
      apiVersion: 'v1',
      kind: 'PodList',
      resourceVersion: '7',
      continueToken: 't',
      remainingItemCount: 3,
    });
  });

  it('gives views of the body, not copies', () => {
    const body = Buffer.from('{"items":[{"a":1}]}');

    const [item] = splitList(body).items;

    expect(item!.buffer).toBe(body.buffer);
  });

  it.each([
    { title: 'null items are none', body: '{"items":null}', want: [] },
    { title: 'an empty array is none', body: '{"items":[ ]}', want: [] },
    {
      title: 'items of the metadata or of an item are never items',
      body: '{"metadata":{"items":[{"evil":1}]},"items":[{"items":[{"evil":1}]}],"x":{"items":[{}]}}',
      want: ['{"items":[{"evil":1}]}'],
    },
    {
      title: 'items in a string are never items',
      body: '{"a":"\\"items\\":[{}]","items":[{"a":"},{\\"x\\":1"}]}',
      want: ['{"a":"},{\\"x\\":1"}'],
    },
    {
      title: 'the last of equal keys wins',
      body: '{"items":[{"a":1}],"it\\u0065ms":[{}]}',
      want: ['{}'],
    },
    {
      title: 'the last of equal keys wins over items of another type',
      body: '{"items":[1],"items":7,"items":[{}]}',
      want: ['{}'],
    },
    {
      title: 'the last of equal keys wins if null',
      body: '{"items":[{"a":1}],"items":null}',
      want: [],
    },
  ])('$title', ({ body, want }) => {
    const list = splitListWithFacts(Buffer.from(body));

    expect(list.items.map(String)).toEqual(want);
    expect(list.facts).toHaveLength(want.length);
    expect(splitList(Buffer.from(body)).items).toEqual(list.items);
  });

  it.each([
    { title: 'an object without items is no empty list', body: '{"kind":"Status","code":500}' },
    { title: 'items must be an array', body: '{"items":{}}' },
    { title: 'items must not be text', body: '{"items":"null"}' },
    { title: 'an item must be an object', body: '{"items":[{},1]}' },
    {
      title: 'items of another type are refused if they come last',
      body: '{"items":[{}],"items":7}',
    },
    { title: 'an item must not be null', body: '{"items":[null]}' },
  ])('$title', ({ body }) => {
    expect(() => splitList(Buffer.from(body))).toThrow(MalformedJson);
  });

  it.each(['"3"', '-1', '1.5', '1e3', 'null', '12345678901234567890'])(
    'takes a remainingItemCount of %s for unknown',
    (count) => {
      const body = Buffer.from(`{"metadata":{"remainingItemCount":${count}},"items":[]}`);

      expect(splitList(body).remainingItemCount).toBeUndefined();
    },
  );
});

describe('splitListWithFacts', () => {
  it('gives the facts of each item in the order of the items', () => {
    const body = Buffer.from('{"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}');

    const { items, facts } = splitListWithFacts(body);

    expect(facts.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(items).toHaveLength(2);
  });
});
