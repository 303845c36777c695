import { describe, expect, it } from 'vitest';
import {
  parseListOptions,
  parseRequestedVersion,
  parseWatchOptions,
} from '../../src/kube/index.ts';

const list = (query: string) => parseListOptions(new URLSearchParams(query));
const watch = (query: string) => parseWatchOptions(new URLSearchParams(query));

const LIST = {
  labelSelector: [],
  fieldSelector: [],
  limit: 0,
  continueToken: '',
  resourceVersion: undefined,
  resourceVersionMatch: '',
};
const WATCH = {
  labelSelector: [],
  fieldSelector: [],
  resourceVersion: undefined,
  sendInitialEvents: true,
  allowWatchBookmarks: false,
  timeoutSeconds: undefined,
};

describe('the options of a list', () => {
  it.each([
    { query: '', is: {} },
    { query: 'limit=500&continue=abc', is: { limit: 500, continueToken: 'abc' } },
    { query: 'limit=-1', is: { limit: 0 } },
    { query: 'resourceVersion=0', is: { resourceVersion: 0n } },
    {
      query: 'resourceVersion=1760000000000000007&resourceVersionMatch=Exact',
      is: { resourceVersion: 1760000000000000007n, resourceVersionMatch: 'Exact' },
    },
    { query: 'continue=a&resourceVersion=0', is: { continueToken: 'a', resourceVersion: 0n } },
  ])('"$query" is read', ({ query, is }) => {
    expect(list(query)).toEqual({ ...LIST, ...is });
  });

  it.each([
    { query: 'resourceVersionMatch=Exact', says: ['forbidden unless resourceVersion is provided'] },
    {
      query: 'resourceVersionMatch=Exact&resourceVersion=0',
      says: ['resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
    },
    {
      query: 'resourceVersionMatch=x&continue=a',
      says: [
        'forbidden unless resourceVersion is provided',
        'forbidden when continue is provided',
        'Unsupported value: "x": supported values: "Exact", "NotOlderThan", ""',
      ],
    },
    { query: 'sendInitialEvents=false', says: ['sendInitialEvents is forbidden for list'] },
  ])('"$query" means nothing: all faults are told, as clients read them', ({ query, says }) => {
    expect(() => list(query)).toThrow(
      expect.objectContaining({
        code: 422,
        message: expect.stringContaining('ListOptions.meta.k8s.io "" is invalid') as string,
        details: {
          group: 'meta.k8s.io',
          kind: 'ListOptions',
          causes: says.map((text): unknown =>
            expect.objectContaining({ message: expect.stringContaining(text) as string }),
          ),
        },
      }),
    );
  });

  it.each([
    'limit=x',
    'limit=1.5',
    'limit=',
    'limit=9223372036854775808',
    'timeoutSeconds=1e3',
    'resourceVersion=x',
    'resourceVersion=-1',
    'resourceVersion=99999999999999999999',
    'labelSelector=a+b',
    'fieldSelector=a',
  ])('"%s" can not be read', (query) => {
    expect(() => list(query)).toThrow(expect.objectContaining({ reason: 'BadRequest' }));
  });
});

describe('the options of a watch', () => {
  it.each([
    { query: '', is: {} },
    { query: 'resourceVersion=0', is: { resourceVersion: 0n } },
    { query: 'resourceVersion=5', is: { resourceVersion: 5n, sendInitialEvents: false } },
    {
      query: 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=5',
      is: { resourceVersion: 5n },
    },
    {
      query: 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan',
      is: { sendInitialEvents: false },
    },
    {
      query: 'allowWatchBookmarks=1&timeoutSeconds=30',
      is: { allowWatchBookmarks: true, timeoutSeconds: 30 },
    },
  ])('"$query" is read', ({ query, is }) => {
    expect(watch(query)).toEqual({ ...WATCH, ...is });
  });

  it.each([
    {
      query: 'sendInitialEvents=true',
      says: 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    },
    {
      query: 'resourceVersionMatch=NotOlderThan',
      says: 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    },
    {
      query: 'sendInitialEvents=true&resourceVersionMatch=Exact',
      says: 'Unsupported value: "Exact": supported values: "NotOlderThan"',
    },
    {
      query: 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=a',
      says: 'resourceVersionMatch is forbidden when continue is provided',
    },
  ])('"$query" means nothing: clients learn by it what is not served', ({ query, says }) => {
    expect(() => watch(query)).toThrow(
      expect.objectContaining({
        reason: 'Invalid',
        message: expect.stringContaining(says) as string,
      }),
    );
  });

  it('takes a version as kube-apiserver takes it', () => {
    expect(parseRequestedVersion('')).toBeUndefined();
    expect(parseRequestedVersion('01')).toBe(1n);
    expect(() => parseRequestedVersion('1.5')).toThrow('invalid syntax');
    expect(() => parseRequestedVersion('18446744073709551616')).toThrow('value out of range');
  });
});
