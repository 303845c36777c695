import { describe, expect, it } from 'vitest';
import { readFacts } from '../../src/bytes/index.ts';

const nothing = {
  apiVersion: '',
  kind: '',
  name: '',
  namespace: '',
  uid: '',
  resourceVersion: '',
  creationTimestamp: '',
  labels: {},
};

describe('readFacts', () => {
  it.each([
    {
      title: 'reads every fact',
      object: `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"shop","uid":"u-1",
        "resourceVersion":"42","creationTimestamp":"2026-11-23T14:00:00Z","labels":{"app":"web"}}}`,
      want: {
        apiVersion: 'v1',
        kind: 'Pod',
        name: 'web',
        namespace: 'shop',
        uid: 'u-1',
        resourceVersion: '42',
        creationTimestamp: '2026-11-23T14:00:00Z',
        labels: { app: 'web' },
      },
    },
    { title: 'gives empty texts for what is missing', object: '{}', want: {} },
    {
      title: 'reads metadata behind everything else',
      object: '{"spec":{"a":[1,{"b":2}]},"metadata":{"name":"web"}}',
      want: { name: 'web' },
    },
    {
      title: 'does not take a nested look-alike for the metadata',
      object: `{"spec":{"template":{"kind":"Evil","metadata":{"name":"evil","labels":{"a":"b"}}}},
        "x":"\\"metadata\\":{\\"name\\":\\"evil\\"}","y":[{"metadata":{"name":"evil"}}],"metadata":{"uid":"u"}}`,
      want: { uid: 'u' },
    },
    {
      title: 'does not take a nested look-alike for a field of the metadata',
      object: '{"metadata":{"annotations":{"name":"evil"},"ownerReferences":[{"uid":"evil"}]}}',
      want: {},
    },
    {
      title: 'understands escapes in keys and values',
      object: '{"metad\\u0061ta":{"\\u006eame":"w\\u0065b","labels":{"\\u0061":"\\ud83d\\ude00"}}}',
      want: { name: 'web', labels: { a: '😀' } },
    },
    {
      title: 'takes the last of equal keys',
      object: '{"metadata":{"name":"a","n\\u0061me":"b","labels":{"x":"1","\\u0078":"2"}}}',
      want: { name: 'b', labels: { x: '2' } },
    },
    {
      title: 'lets a second metadata replace the first, not add to it',
      object: '{"metadata":{"name":"a","uid":"u","labels":{"x":"1"}},"metadata":{"name":"b"}}',
      want: { name: 'b' },
    },
    {
      title: 'lets a second metadata that is null empty the first',
      object: '{"metadata":{"name":"a"},"metadata":null}',
      want: {},
    },
    {
      title: 'gives empty texts for other types',
      object:
        '{"kind":1,"metadata":{"name":{"name":"a"},"uid":null,"namespace":["a"],"labels":"x"}}',
      want: {},
    },
    {
      title: 'leaves out labels that are no strings, even behind an equal one that is',
      object: '{"metadata":{"labels":{"a":"1","b":2,"c":null,"a":{}}}}',
      want: {},
    },
    {
      title: 'reads a lone surrogate as U+FFFD, as Go does',
      object: '{"metadata":{"name":"a\\ud800b"}}',
      want: { name: 'a\ufffdb' },
    },
  ])('$title', ({ object, want }) => {
    const facts = readFacts(Buffer.from(object));

    expect({ ...facts, labels: { ...facts.labels } }).toEqual({ ...nothing, ...want });
  });

  it('gives labels without a prototype, so that none is found that was not there', () => {
    const { labels } = readFacts(Buffer.from('{"metadata":{"labels":{"__proto__":"x"}}}'));

    expect(Object.getPrototypeOf(labels)).toBeNull();
    expect(labels.constructor).toBeUndefined();
    expect(Object.entries(labels)).toEqual([['__proto__', 'x']]);
  });
});
