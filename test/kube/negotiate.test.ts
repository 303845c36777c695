import { describe, expect, it } from 'vitest';
import { includeObject, negotiate } from '../../src/kube/index.ts';

const JSON_OBJECT = { mediaType: 'application/json', as: 'Object', version: '' };
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
const ONE = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

describe('the choice of a representation', () => {
  it.each([
    { accept: undefined, of: 'list', is: JSON_OBJECT },
    { accept: '', of: 'one', is: JSON_OBJECT },
    { accept: '*/*', of: 'list', is: JSON_OBJECT },
    { accept: 'application/*', of: 'list', is: JSON_OBJECT },
    { accept: 'APPLICATION/JSON; charset=utf-8', of: 'one', is: JSON_OBJECT },
    { accept: 'application/json;stream=watch', of: 'watch', is: JSON_OBJECT },
    {
      accept: 'application/vnd.kubernetes.protobuf, application/json',
      of: 'list',
      is: JSON_OBJECT,
    },
    { accept: 'text/html, */*;q=0.8', of: 'one', is: JSON_OBJECT },
    {
      accept: 'application/yaml',
      of: 'one',
      is: { ...JSON_OBJECT, mediaType: 'application/yaml' },
    },
    {
      accept: 'application/json;q=0.5, application/yaml;q=0.9',
      of: 'list',
      is: { ...JSON_OBJECT, mediaType: 'application/yaml' },
    },
    { accept: 'application/yaml, application/json', of: 'watch', is: JSON_OBJECT },
    { accept: TABLE, of: 'list', is: { ...JSON_OBJECT, as: 'Table', version: 'v1' } },
    {
      accept: `${TABLE.replace('v1', 'v2')}, ${TABLE.replace('v=v1', 'v=v1beta1')}`,
      of: 'one',
      is: { ...JSON_OBJECT, as: 'Table', version: 'v1beta1' },
    },
    {
      accept: LIST,
      of: 'list',
      is: { ...JSON_OBJECT, as: 'PartialObjectMetadata', version: 'v1' },
    },
    {
      accept: ONE,
      of: 'watch',
      is: { ...JSON_OBJECT, as: 'PartialObjectMetadata', version: 'v1' },
    },
    { accept: `${ONE}, application/json`, of: 'list', is: JSON_OBJECT },
  ] as const)('$accept of $of', ({ accept, of, is }) => {
    expect(negotiate(accept, of)).toEqual(is);
  });

  it.each([
    { accept: 'text/html', of: 'list' },
    { accept: 'application/vnd.kubernetes.protobuf', of: 'one' },
    { accept: 'application/json;as=Table;v=v9;g=meta.k8s.io', of: 'list' },
    { accept: 'application/json;as=Table;v=v1;g=example.com', of: 'list' },
    { accept: LIST, of: 'one' },
    { accept: ONE, of: 'list' },
    { accept: 'application/yaml', of: 'watch' },
  ] as const)('$accept can not be had of $of', ({ accept, of }) => {
    expect(() => negotiate(accept, of)).toThrow(
      expect.objectContaining({ reason: 'NotAcceptable', code: 406 }),
    );
  });

  it('puts into the rows of a table what includeObject says, and refuses other words', () => {
    const of = (query: string) => includeObject(new URLSearchParams(query));

    expect(of('')).toBe('Metadata');
    expect(of('includeObject=None')).toBe('None');
    expect(of('includeObject=Object')).toBe('Object');
    expect(() => of('includeObject=x')).toThrow(expect.objectContaining({ reason: 'BadRequest' }));
  });
});
