import { PROXY_VERBS, type ResourceDefinition } from './resource-definition.ts';

/** Karmada's address of the merged fleet: no objects, only the subresource that leads to view `all`. */
export const proxyingDefinition: ResourceDefinition = {
  group: 'search.karmada.io',
  version: 'v1alpha1',
  kind: 'Proxying',
  plural: 'proxying',
  singular: 'proxying',
  shortNames: [],
  description: 'Proxying leads to the merged resources of the fleet, as clients of Karmada expect.',
  verbs: [],
  subresources: [{ name: 'proxy', kind: 'Proxying', verbs: PROXY_VERBS }],
  properties: {},
  columns: [],
};
