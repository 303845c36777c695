import { describe, expect, it } from 'vitest';

import { parseLegacyResources, toLegacyResources } from '../../src/catalog/legacy-resources.ts';

const OWN = { group: 'apps', version: 'v1' };
const entry = { singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'] };

describe('an APIResourceList', () => {
  it.each([
    { title: 'plain', resources: [{ ...entry, name: 'things', singularName: 'thing' }] },
    {
      title: 'with short names and categories',
      resources: [{ ...entry, name: 'things', shortNames: ['t'], categories: ['all'] }],
    },
    {
      title: 'with subresources, one of another group',
      resources: [
        { ...entry, name: 'things' },
        { ...entry, name: 'things/status' },
        { ...entry, name: 'things/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' },
      ],
    },
    { title: 'with a subresource alone', resources: [{ ...entry, name: 'things/proxy' }] },
    { title: 'empty', resources: [] },
  ])('$title is the same after reading and writing', ({ resources }) => {
    const read = parseLegacyResources({ kind: 'APIResourceList', resources });

    expect(toLegacyResources(read, OWN)).toEqual(resources);
  });

  it('never names the group version that it is of', () => {
    const [written] = toLegacyResources(
      [
        {
          resource: 'things',
          responseKind: { ...OWN, kind: 'Thing' },
          scope: 'Cluster',
          singularResource: 'thing',
          verbs: [],
        },
      ],
      OWN,
    );

    expect(written).toEqual({
      name: 'things',
      singularName: 'thing',
      namespaced: false,
      kind: 'Thing',
      verbs: [],
    });
  });

  it.each([
    { title: 'another kind', document: { kind: 'Status' } },
    { title: 'no list', document: { kind: 'APIResourceList', resources: {} } },
    { title: 'a nameless entry', document: { kind: 'APIResourceList', resources: [{}] } },
    {
      title: 'a verb that is no text',
      document: { kind: 'APIResourceList', resources: [{ ...entry, name: 'x', verbs: [1] }] },
    },
  ])('that is $title is refused', ({ document }) => {
    expect(() => parseLegacyResources(document)).toThrow(
      expect.objectContaining({ reason: 'BadGateway' }),
    );
  });
});
