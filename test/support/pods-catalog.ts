import { resourceKey } from '../../src/kube/index.ts';
import type { Catalog, ServedResource } from '../../src/catalog/index.ts';

/** A catalog in which these members serve pods and namespaces, and metrics that can not be watched. */
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
    subresources: [
      { name: 'log', kind: 'Pod', group: '', version: 'v1', verbs: ['get'] },
      { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['patch'] },
    ],
    members,
    scopeMismatch: [],
    otherVersionsOnly: [],
    newest: members[0] ?? '',
    minor: 36,
  };
  const namespaces: ServedResource = {
    ...pods,
    resource: 'namespaces',
    kind: 'Namespace',
    singular: 'namespace',
    namespaced: false,
    verbs: pods.verbs.filter((verb) => verb !== 'deletecollection'),
    subresources: [],
  };
  const metrics: ServedResource = {
    ...pods,
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    kind: 'PodMetrics',
    verbs: ['get', 'list'],
    subresources: [],
  };
  const served = [pods, namespaces, metrics];
  return {
    start: () => undefined,
    close: async () => Promise.resolve(),
    find: (gvr) => served.find((each) => resourceKey(each) === resourceKey(gvr)),
    list: () => served,
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
