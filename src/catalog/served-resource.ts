/** A subresource of a served resource, by its bare name (`log`, `status`, `scale`). */
export interface ServedSubresource {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
}

/** One resource in one version, as the fleet serves it. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  /** Plural name. */
  readonly resource: string;
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly ServedSubresource[];
  /** Members that serve this very version with this scope, by name. */
  readonly members: readonly string[];
  /** Members that serve it with the other scope: they are left out. */
  readonly scopeMismatch: readonly string[];
  /** Members that serve the resource only in other versions of the group. */
  readonly otherVersionsOnly: readonly string[];
  /** The member whose schema, scope and columns count: the newest version, then the first name. */
  readonly newest: string;
  /** Kubernetes minor version of that member; 0 when it is not known. */
  readonly minor: number;
}
