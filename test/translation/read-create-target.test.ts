import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCreateTarget } from '../../src/translation/index.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web@m1',
    generateName: 'web-',
    namespace: 'shop',
    labels: { 'flotilla.io/cluster': 'm1' },
  },
};
const READ = {
  apiVersion: 'v1',
  kind: 'Pod',
  name: 'web@m1',
  generateName: 'web-',
  namespace: 'shop',
  clusterLabel: 'm1',
};
const NOTHING = {
  apiVersion: '',
  kind: '',
  name: '',
  generateName: '',
  namespace: '',
  clusterLabel: '',
};

describe('where a create goes is read', () => {
  const yaml =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web@m1, generateName: web-, ' +
    'namespace: shop, labels: {flotilla.io/cluster: m1}}';

  it.each([
    ['from JSON', JSON.stringify(POD), 'application/json', READ],
    ['from a body without type', JSON.stringify(POD), undefined, READ],
    ['from YAML', yaml, 'application/yaml', READ],
    ['as nothing, where it says nothing', '{}', 'application/json', NOTHING],
    ['as nothing, where it says no text', '{"kind":1,"metadata":[]}', 'application/json', NOTHING],
    [
      'from the last of equal keys',
      '{"metadata":{"name":"a"},"metadata":{"name":"b"}}',
      'application/json',
      { ...NOTHING, name: 'b' },
    ],
  ])('%s', (_, body, type, want) => {
    expect(readCreateTarget(Buffer.from(body), type)).toEqual(want);
  });

  it('from protobuf', () => {
    const cases = JSON.parse(
      readFileSync(new URL('./protobuf/cases.json', import.meta.url), 'utf8'),
    ) as { servedProtobuf: string }[];
    const pod = Buffer.from(cases[0]!.servedProtobuf, 'base64');

    expect(readCreateTarget(pod, 'application/vnd.kubernetes.protobuf')).toEqual({
      ...READ,
      name: 'web-1@m1',
      generateName: '',
    });
  });

  it.each([
    ['no JSON', '{', 'application/json', 'BadRequest'],
    ['no object', '[]', 'application/json', 'BadRequest'],
    ['nothing at all', '', 'application/json', 'BadRequest'],
    ['no protobuf', '{}', 'application/vnd.kubernetes.protobuf', 'BadRequest'],
    ['an envelope without object', 'k8s\0', 'application/vnd.kubernetes.protobuf', 'BadRequest'],
    ['a type nobody knows', '{}', 'application/cbor', 'UnsupportedMediaType'],
  ])('but not from %s', (_, body, type, reason) => {
    expect(() => readCreateTarget(Buffer.from(body), type)).toThrow(
      expect.objectContaining({ reason }),
    );
  });
});
