import { describe, expect, it } from 'vitest';

import { mergeDiscovery, versionOrder } from '../../src/catalog/merge-discovery.ts';
import { group, resource, serves, version } from './discovery-builders.ts';

const WIDGETS = { group: 'g', version: 'v1', resource: 'widgets' };

function servedWidgets(...members: Parameters<typeof mergeDiscovery>[0]) {
  return mergeDiscovery(members).served.get('g/v1/widgets');
}

describe('what is served', () => {
  it.each([
    {
      title: 'by all members is served by all, in order of their names',
      members: [
        serves('b', 'v1.36.0', group('g', version('v1', ['widgets']))),
        serves('a', 'v1.34.0', group('g', version('v1', ['widgets']))),
      ],
      want: { members: ['a', 'b'], newest: 'b', minor: 36 },
    },
    {
      title: 'by one member only is in it',
      members: [
        serves('a', 'v1.36.0', group('apps', version('v1', ['deployments']))),
        serves('b', 'v1.34.0', group('g', version('v1', ['widgets']))),
      ],
      want: { members: ['b'], newest: 'b', minor: 34 },
    },
    {
      title: 'with another scope than the newest member’s is named and left out',
      members: [
        serves(
          'a',
          'v1.34.0',
          group('g', version('v1', [resource('widgets', { scope: 'Cluster' })])),
        ),
        serves('b', 'v1.36.0', group('g', version('v1', ['widgets']))),
        serves('c', 'v1.35.0', group('g', version('v1', ['widgets']))),
      ],
      want: { namespaced: true, members: ['b', 'c'], scopeMismatch: ['a'], newest: 'b' },
    },
    {
      title: 'in other versions only is named',
      members: [
        serves('a', 'v1.36.0', group('g', version('v1', ['widgets']))),
        serves('b', 'v1.36.0', group('g', version('v1beta1', ['widgets']))),
        serves('c', 'v1.36.0', group('g', version('v1beta1', ['gadgets']))),
      ],
      want: { members: ['a'], otherVersionsOnly: ['b'] },
    },
    {
      title: 'by equal versions is told by the first name',
      members: [
        serves(
          'b',
          'v1.36.0',
          group('g', version('v1', [resource('widgets', { verbs: ['list'] })])),
        ),
        serves(
          'a',
          'v1.36.0',
          group('g', version('v1', [resource('widgets', { verbs: ['get'] })])),
        ),
      ],
      want: { newest: 'a', verbs: ['get'] },
    },
    {
      title: 'by a newer patch is told by it',
      members: [
        serves('a', 'v1.36.3-gke.1', group('g', version('v1', ['widgets']))),
        serves('b', 'v1.36.10', group('g', version('v1', ['widgets']))),
      ],
      want: { newest: 'b' },
    },
    {
      title: 'by a member of unknown version counts as the oldest',
      members: [
        serves('a', '', group('g', version('v1', ['widgets']))),
        serves('b', 'v1.20.0', group('g', version('v1', ['widgets']))),
      ],
      want: { newest: 'b', minor: 20, members: ['a', 'b'] },
    },
  ])('$title', ({ members, want }) => {
    expect(servedWidgets(...members)).toMatchObject({ ...WIDGETS, ...want });
  });

  it('has the subresources of all members, the newest member’s first', () => {
    const sub = (subresource: string, kind: string) => ({
      subresource,
      responseKind: { group: '', version: '', kind },
      verbs: ['get'],
    });
    const old = resource('widgets', { subresources: [sub('status', 'Old'), sub('log', 'Widget')] });
    const now = resource('widgets', { subresources: [sub('status', 'Widget')] });

    const served = servedWidgets(
      serves('a', 'v1.34.0', group('g', version('v1', [old]))),
      serves('b', 'v1.36.0', group('g', version('v1', [now]))),
    );

    expect(served?.subresources).toEqual([
      { name: 'status', kind: 'Widget', group: 'g', version: 'v1', verbs: ['get'] },
      { name: 'log', kind: 'Widget', group: 'g', version: 'v1', verbs: ['get'] },
    ]);
  });

  it('lists the core group first, groups as the newest member does, others after', () => {
    const { groups } = mergeDiscovery([
      serves('a', 'v1.34.0', group('old'), group('apps')),
      serves('b', 'v1.36.0', group('zoo'), group(''), group('apps')),
    ]);

    expect(groups.map(({ name }) => name)).toEqual(['', 'zoo', 'apps', 'old']);
  });

  it.each([
    { of: ['Stale', 'Current'] as const, want: 'Current' },
    { of: ['Stale', 'Stale'] as const, want: 'Stale' },
  ])('is $want when members say $of', ({ of, want }) => {
    const members = of.map((freshness, index) =>
      serves(`m${index}`, 'v1.36.0', group('g', version('v1', ['widgets'], freshness))),
    );

    expect(mergeDiscovery(members).groups[0]?.versions[0]?.freshness).toBe(want);
  });
});

describe('the order of a group’s versions', () => {
  it.each([
    { title: 'of one member is its own', lists: [['v1beta1', 'v2', 'v1']], want: 'v1beta1 v2 v1' },
    { title: 'begins with what most serve', lists: [['v2', 'v1'], ['v1'], ['v1']], want: 'v1 v2' },
    {
      title: 'is the newest’s among equals',
      lists: [
        ['v1', 'v2'],
        ['v2', 'v1'],
      ],
      want: 'v1 v2',
    },
    {
      title: 'puts in what the newest lacks by Kubernetes’ order',
      lists: [['v2', 'v1beta1'], ['v1', 'v2alpha1', 'v3'], ['v2']],
      want: 'v2 v3 v1 v1beta1 v2alpha1',
    },
    { title: 'counts a member once', lists: [['v2'], ['v1', 'v1', 'v1']], want: 'v2 v1' },
    { title: 'of none is empty', lists: [], want: '' },
  ])('$title', ({ lists, want }) => {
    expect(versionOrder(lists).join(' ')).toBe(want);
  });
});
