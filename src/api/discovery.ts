import type { OwnGroupVersion } from './own-groups.ts';
import type { ResourceDefinition } from './resource-definition.ts';

type Definition = ResourceDefinition<never>;

/** `/apis` in the form that every client reads. */
export function groupList(groupVersions: readonly OwnGroupVersion[]): object {
  const groups = groupNames(groupVersions).map((name) => groupEntry(name, groupVersions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `/apis/<group>`; undefined for a group that is not ours. */
export function groupDocument(
  group: string,
  groupVersions: readonly OwnGroupVersion[],
): object | undefined {
  if (!groupNames(groupVersions).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, groupVersions) };
}

function groupNames(groupVersions: readonly OwnGroupVersion[]): string[] {
  return [...new Set(groupVersions.map(({ group }) => group))];
}

function groupEntry(name: string, groupVersions: readonly OwnGroupVersion[]): object {
  const versions = groupVersions
    .filter(({ group }) => group === name)
    .map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

/** `/apis/<group>/<version>`. */
export function resourceList({ group, version, definitions }: OwnGroupVersion): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group}/${version}`,
    resources: definitions.flatMap(resourceEntries),
  };
}

function resourceEntries(definition: Definition): object[] {
  const { plural, singular, kind, verbs, shortNames, subresources } = definition;
  return [
    {
      name: plural,
      singularName: singular,
      namespaced: false,
      kind,
      verbs,
      ...(shortNames.length > 0 && { shortNames }),
    },
    ...subresources.map((subresource) => ({
      name: `${plural}/${subresource.name}`,
      singularName: '',
      namespaced: false,
      kind: subresource.kind,
      verbs: subresource.verbs,
    })),
  ];
}

/** `/apis` with everything in one document (apidiscovery.k8s.io/v2 or v2beta1). */
export function groupDiscoveryList(
  groupVersions: readonly OwnGroupVersion[],
  apiVersion: string,
): object {
  const items = groupNames(groupVersions).map((name) => ({
    metadata: { name, creationTimestamp: null },
    versions: groupVersions
      .filter(({ group }) => group === name)
      .map(({ version, definitions }) => ({
        version,
        resources: definitions.map(resourceDiscovery),
        freshness: 'Current',
      })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion, metadata: {}, items };
}

function resourceDiscovery(definition: Definition): object {
  const { group, version, kind, plural, singular, verbs, shortNames, subresources } = definition;
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    subresources: subresources.map((subresource) => ({
      subresource: subresource.name,
      responseKind: { group, version, kind: subresource.kind },
      verbs: subresource.verbs,
    })),
  };
}
