import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  groupResourceText,
  groupVersionPath,
  groupVersionText,
  qualify,
  referencesOf,
  resourceKey,
  resourcePath,
  splitName,
} from '../../src/kube/index.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };

describe('a qualified name', () => {
  it.each([
    { text: 'web@m1', is: { name: 'web', cluster: 'm1' } },
    { text: 'web', is: { name: 'web', cluster: '' } },
    { text: 'web@other', is: { name: 'web@other', cluster: '' } },
    { text: 'user@example.com@m1', is: { name: 'user@example.com', cluster: 'm1' } },
    { text: 'web@m1@other', is: { name: 'web@m1@other', cluster: '' } },
    { text: '@m1', is: { name: '@m1', cluster: '' } },
    { text: 'web@', is: { name: 'web@', cluster: '' } },
  ])('$text is split at its last @, if a member follows', ({ text, is }) => {
    expect(splitName(text, (name) => name === 'm1')).toEqual(is);
  });

  it('is what splitting takes apart', () => {
    expect(splitName(qualify('a@b', 'm1'), (name) => name === 'm1')).toEqual({
      name: 'a@b',
      cluster: 'm1',
    });
  });
});

describe('words for a resource', () => {
  it('are those of Kubernetes, in the core group and in others', () => {
    expect(resourceKey(PODS)).toBe('/v1/pods');
    expect(resourceKey(DEPLOYMENTS)).toBe('apps/v1/deployments');
    expect(groupVersionText(PODS)).toBe('v1');
    expect(groupVersionText(DEPLOYMENTS)).toBe('apps/v1');
    expect(groupVersionPath(PODS)).toBe('/api/v1');
    expect(groupVersionPath(DEPLOYMENTS)).toBe('/apis/apps/v1');
    expect(groupResourceText(PODS)).toBe('pods');
    expect(groupResourceText(DEPLOYMENTS)).toBe('deployments.apps');
  });

  it.each([
    { of: {}, path: '/api/v1/pods' },
    { of: { namespace: 'shop' }, path: '/api/v1/namespaces/shop/pods' },
    { of: { name: 'system:a/b' }, path: '/api/v1/pods/system%3Aa%2Fb' },
    {
      of: { namespace: 'shop', name: 'web', subresource: 'log' },
      path: '/api/v1/namespaces/shop/pods/web/log',
    },
  ])('$path is the path of $of', ({ of, path }) => {
    expect(resourcePath(PODS, of)).toBe(path);
  });

  it('put versions in the order of Kubernetes', () => {
    const mixed = [
      'v1beta1',
      'foo10',
      'v2',
      'v1alpha1',
      'v10',
      'v1',
      'v11beta2',
      'foo1',
      'v1beta2',
    ];

    expect(mixed.sort(compareVersions)).toEqual([
      'v10',
      'v2',
      'v1',
      'v11beta2',
      'v1beta2',
      'v1beta1',
      'v1alpha1',
      'foo1',
      'foo10',
    ]);
    expect(compareVersions('foo', 'foo')).toBe(0);
  });
});

describe('references that clients follow', () => {
  const pathsOf = (group: string, resource: string, subresource?: string) =>
    referencesOf(group, resource, subresource).map(({ path, form }) => `${path.join('.')} ${form}`);

  it.each([
    { of: ['', 'configmaps'], are: [] },
    { of: ['', 'pods'], are: ['spec.nodeName name', 'status.nominatedNodeName name'] },
    { of: ['', 'services'], are: ['spec.selector labelMap'] },
    { of: ['apps', 'deployments'], are: ['spec.selector labelSelector'] },
    { of: ['apps', 'deployments', 'scale'], are: ['status.selector selectorText'] },
    { of: ['example.com', 'deployments'], are: [] },
  ] as const)('of $of, beside its owners', ({ of: [group, resource, subresource], are }) => {
    expect(pathsOf(group, resource, subresource)).toEqual([
      'metadata.ownerReferences.*.name name',
      ...are,
    ]);
  });
});
