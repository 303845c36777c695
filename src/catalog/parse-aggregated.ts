import type {
  DiscoveredGroup,
  DiscoveredKind,
  DiscoveredResource,
  DiscoveredSubresource,
  DiscoveredVersion,
} from './discovery.ts';
import {
  asFields,
  asName,
  asObjects,
  asStrings,
  asText,
  garbage,
  type Fields,
} from './untrusted.ts';

/**
 * The groups of an APIGroupDiscoveryList, v2 or v2beta1 (equal in shape).
 * @throws BadGateway when the document is not one
 */
export function parseAggregated(document: Fields): DiscoveredGroup[] {
  if (document['kind'] !== 'APIGroupDiscoveryList') {
    throw garbage('aggregated discovery is not an APIGroupDiscoveryList');
  }
  return asObjects(document['items'], 'items').map((item) => ({
    name: asText(asFields(item['metadata'] ?? {}, 'metadata')['name'], 'group name'),
    versions: asObjects(item['versions'], 'versions').map(readVersion),
  }));
}

function readVersion(version: Fields): DiscoveredVersion {
  return {
    version: asName(version['version'], 'version'),
    resources: asObjects(version['resources'], 'resources').map(readResource),
    freshness: version['freshness'] === 'Stale' ? 'Stale' : 'Current',
  };
}

function readResource(resource: Fields): DiscoveredResource {
  const shortNames = asStrings(resource['shortNames'], 'shortNames');
  const categories = asStrings(resource['categories'], 'categories');
  const subresources = asObjects(resource['subresources'], 'subresources').map(readSubresource);
  return {
    resource: asName(resource['resource'], 'resource'),
    responseKind: readKind(resource['responseKind']),
    scope: resource['scope'] === 'Namespaced' ? 'Namespaced' : 'Cluster',
    singularResource: asText(resource['singularResource'], 'singularResource'),
    verbs: asStrings(resource['verbs'], 'verbs'),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

function readSubresource(subresource: Fields): DiscoveredSubresource {
  const acceptedTypes = asObjects(subresource['acceptedTypes'], 'acceptedTypes').map(readKind);
  return {
    subresource: asName(subresource['subresource'], 'subresource'),
    responseKind: readKind(subresource['responseKind']),
    ...(acceptedTypes.length > 0 && { acceptedTypes }),
    verbs: asStrings(subresource['verbs'], 'verbs'),
  };
}

function readKind(value: unknown): DiscoveredKind {
  const kind = asFields(value ?? {}, 'responseKind');
  return {
    group: asText(kind['group'], 'group'),
    version: asText(kind['version'], 'version'),
    kind: asText(kind['kind'], 'kind'),
  };
}
