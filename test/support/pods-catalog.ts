import type { Catalog, ServedResource } from '../../src/catalog/index.ts';

/** A catalog in which these members serve pods and nothing else. */
export function podsCatalog(members: readonly string[]): Catalog {
  const pods: ServedResource = {
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    singular: 'pod',
    namespaced: true,
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['po'],
    categories: ['all'],
    subresources: [{ name: 'log', kind: 'Pod', group: '', version: 'v1', verbs: ['get'] }],
    members,
    scopeMismatch: [],
    otherVersionsOnly: [],
    newest: members[0] ?? '',
    minor: 36,
  };
  return {
    start: () => undefined,
    close: async () => Promise.resolve(),
    find: ({ group, version, resource }) =>
      group === '' && version === 'v1' && resource === 'pods' ? pods : undefined,
    list: () => [pods],
    refresh: async () => Promise.resolve(),
    ready: async () => Promise.resolve(),
    onChange: () => () => undefined,
    customColumns: async () => Promise.resolve(undefined),
    selectableFields: async () => Promise.resolve([]),
    unknownMembers: () => [],
    faults: () => [],
    document: async () => Promise.resolve(undefined),
    apiEnablements: () => undefined,
  };
}
