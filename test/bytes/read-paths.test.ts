import { expect, it } from 'vitest';
import { readPaths } from '../../src/bytes/index.ts';

const paths = [['spec', 'nodeName'], ['status', 'phase'], ['spec', 'hostNetwork'], ['spec']];

it.each([
  {
    title: 'reads strings, numbers and booleans as text',
    object:
      '{"spec":{"nodeName":"n\\u0031","hostNetwork":true},"status":{"phase":12345678901234567890.0}}',
    want: ['n1', '12345678901234567890.0', 'true', ''],
  },
  {
    title: 'gives empty texts for null, arrays, objects and what is missing',
    object: '{"spec":{"nodeName":null,"hostNetwork":[true]},"status":{"phase":{"phase":"x"}}}',
    want: ['', '', '', ''],
  },
  {
    title: 'reads a value where another path goes deeper',
    object: '{"spec":"text"}',
    want: ['', '', '', 'text'],
  },
  {
    title: 'lets the last of equal keys replace the first, not add to it',
    object: '{"spec":{"nodeName":"a","hostNetwork":true},"spec":{"nodeName":"b"}}',
    want: ['b', '', '', ''],
  },
  {
    title: 'forgets what a replaced object said',
    object: '{"spec":{"nodeName":"a"},"spec":7}',
    want: ['', '', '', '7'],
  },
  {
    title: 'does not take a look-alike for the place',
    object: '{"a":{"spec":{"nodeName":"evil"}},"nodeName":"evil","spec":[{"nodeName":"evil"}]}',
    want: ['', '', '', ''],
  },
])('$title', ({ object, want }) => {
  expect(readPaths(Buffer.from(object), paths)).toEqual(want);
});

it('fills every place of a path that is asked twice', () => {
  expect(readPaths(Buffer.from('{"a":"x"}'), [['a'], ['b'], ['a']])).toEqual(['x', '', 'x']);
});
