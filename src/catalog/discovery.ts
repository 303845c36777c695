/** What is answered by a resource or subresource; empty group and version mean those of the resource itself. */
export interface DiscoveredKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A subresource in aggregated discovery, by its bare name. */
export interface DiscoveredSubresource {
  readonly subresource: string;
  readonly responseKind: DiscoveredKind;
  readonly acceptedTypes?: readonly DiscoveredKind[];
  readonly verbs: readonly string[];
}

/** A resource in aggregated discovery. An empty `responseKind.kind` means that only its subresources are served. */
export interface DiscoveredResource {
  readonly resource: string;
  readonly responseKind: DiscoveredKind;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly DiscoveredSubresource[];
}

/** One version of a group; `Stale` when the server behind it does not answer. */
export interface DiscoveredVersion {
  readonly version: string;
  readonly resources: readonly DiscoveredResource[];
  readonly freshness: 'Current' | 'Stale';
}

/** A group with its versions, the preferred one first; the core group is ''. */
export interface DiscoveredGroup {
  readonly name: string;
  readonly versions: readonly DiscoveredVersion[];
}

/** Calls `visit` with every resource of every version. */
export function forEachResource(
  groups: readonly DiscoveredGroup[],
  visit: (group: DiscoveredGroup, version: DiscoveredVersion, resource: DiscoveredResource) => void,
): void {
  for (const group of groups) {
    for (const version of group.versions) {
      for (const resource of version.resources) visit(group, version, resource);
    }
  }
}
