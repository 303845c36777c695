import type {
  DiscoveredGroup,
  DiscoveredResource,
  DiscoveredVersion,
} from '../../src/catalog/discovery.ts';
import type { MemberDiscovery } from '../../src/catalog/merge-discovery.ts';
import { parseKubernetesVersion } from '../../src/catalog/kubernetes-version.ts';

/** A resource of kind `X`, where the plural is `xs`. */
export function resource(
  plural: string,
  rest: Partial<DiscoveredResource> = {},
): DiscoveredResource {
  const singular = plural.replace(/s$/, '');
  const kind = singular.charAt(0).toUpperCase() + singular.slice(1);
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: 'Namespaced',
    singularResource: singular,
    verbs: ['get', 'list', 'watch'],
    ...rest,
  };
}

/** A version that holds these resources. */
export function version(
  name: string,
  resources: readonly (string | DiscoveredResource)[],
  freshness: DiscoveredVersion['freshness'] = 'Current',
): DiscoveredVersion {
  const made = resources.map((item) => (typeof item === 'string' ? resource(item) : item));
  return { version: name, resources: made, freshness };
}

/** A group of these versions. */
export function group(name: string, ...versions: readonly DiscoveredVersion[]): DiscoveredGroup {
  return { name, versions };
}

/** What a member of this Kubernetes version serves. */
export function serves(
  name: string,
  gitVersion: string,
  ...groups: readonly DiscoveredGroup[]
): MemberDiscovery {
  return { name, version: parseKubernetesVersion(gitVersion), groups };
}

/** An aggregated discovery document, as a member sends it. */
export function aggregated(...groups: readonly DiscoveredGroup[]): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name, creationTimestamp: null },
      versions,
    })),
  };
}
