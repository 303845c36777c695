import type { DiscoveredKind, DiscoveredResource, DiscoveredSubresource } from './discovery.ts';
import { asName, asObjects, asStrings, asText, garbage, type Fields } from './untrusted.ts';

/** An entry of an APIResourceList. */
export interface LegacyResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/**
 * The resources of an APIResourceList, subresources below their parents. A parent that is not
 * listed itself is made, without a kind.
 * @throws BadGateway when the document is not an APIResourceList
 */
export function parseLegacyResources(document: Fields): DiscoveredResource[] {
  if (document['kind'] !== 'APIResourceList') throw garbage('not an APIResourceList');
  const entries = asObjects(document['resources'], 'resources').map(readEntry);
  const parents = new Map<string, LegacyResource>();
  const below = new Map<string, DiscoveredSubresource[]>();
  for (const entry of entries) {
    const slash = entry.name.indexOf('/');
    if (slash < 0) {
      parents.set(entry.name, entry);
      continue;
    }
    const parent = entry.name.slice(0, slash);
    if (!parents.has(parent)) parents.set(parent, parentWithoutKind(parent, entry.namespaced));
    const subresources = below.get(parent) ?? [];
    below.set(parent, [...subresources, toSubresource(entry, entry.name.slice(slash + 1))]);
  }
  return [...parents.values()].map((entry) => toResource(entry, below.get(entry.name) ?? []));
}

/**
 * The entries of an APIResourceList, as a kube-apiserver that serves these resources lists them:
 * each resource, then its subresources; group and version only where the kind lives elsewhere.
 */
export function toLegacyResources(
  resources: readonly DiscoveredResource[],
  groupVersion: GroupVersion,
): LegacyResource[] {
  return resources.flatMap((resource) => {
    const namespaced = resource.scope === 'Namespaced';
    const subresources = (resource.subresources ?? []).map((sub) => ({
      name: `${resource.resource}/${sub.subresource}`,
      singularName: '',
      namespaced,
      ...kindElsewhere(sub.responseKind, groupVersion),
      verbs: sub.verbs,
    }));
    if (resource.responseKind.kind === '') return subresources;
    const parent = {
      name: resource.resource,
      singularName: resource.singularResource,
      namespaced,
      ...kindElsewhere(resource.responseKind, groupVersion),
      verbs: resource.verbs,
      ...(resource.shortNames && { shortNames: resource.shortNames }),
      ...(resource.categories && { categories: resource.categories }),
    };
    return [parent, ...subresources];
  });
}

/** Aggregated discovery names the resource's own group and version for custom resources; the legacy form never does. */
function kindElsewhere(
  { group, version, kind }: DiscoveredKind,
  own: GroupVersion,
): Pick<LegacyResource, 'group' | 'version' | 'kind'> {
  if (group === own.group && version === own.version) return { kind };
  return { ...(group !== '' && { group }), ...(version !== '' && { version }), kind };
}

function readEntry(entry: Fields): LegacyResource {
  return {
    name: asName(entry['name'], 'name'),
    singularName: asText(entry['singularName'], 'singularName'),
    namespaced: entry['namespaced'] === true,
    group: asText(entry['group'], 'group'),
    version: asText(entry['version'], 'version'),
    kind: asText(entry['kind'], 'kind'),
    verbs: asStrings(entry['verbs'], 'verbs'),
    shortNames: asStrings(entry['shortNames'], 'shortNames'),
    categories: asStrings(entry['categories'], 'categories'),
  };
}

function parentWithoutKind(name: string, namespaced: boolean): LegacyResource {
  return { name, singularName: '', namespaced, kind: '', verbs: [] };
}

function toSubresource(entry: LegacyResource, subresource: string): DiscoveredSubresource {
  return { subresource, responseKind: kindOf(entry), verbs: entry.verbs };
}

function toResource(
  entry: LegacyResource,
  subresources: readonly DiscoveredSubresource[],
): DiscoveredResource {
  const { shortNames = [], categories = [] } = entry;
  return {
    resource: entry.name,
    responseKind: kindOf(entry),
    scope: entry.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: entry.singularName,
    verbs: entry.verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

const kindOf = ({ group = '', version = '', kind }: LegacyResource): DiscoveredKind => ({
  group,
  version,
  kind,
});
