/** Virtual label of every member's object in a view. */
export const CLUSTER_LABEL = 'flotilla.io/cluster';
/** Annotation that names the member, as Karmada's clients read it. */
export const CACHED_FROM_ANNOTATION = 'resource.karmada.io/cached-from-cluster';
/** Annotation with the member's own resourceVersion, so that any replica can translate a write's precondition. */
export const MEMBER_VERSION_ANNOTATION = 'flotilla.io/resource-version';
/** Annotation of a merged Namespace: the clusters that have it, comma-separated. */
export const CLUSTERS_ANNOTATION = 'flotilla.io/clusters';
/** Marks the bookmark that ends a watch's initial events. */
export const INITIAL_EVENTS_END_ANNOTATION = 'k8s.io/initial-events-end';
/** Response header: members whose objects are shown as last known. */
export const STALE_HEADER = 'Flotilla-Stale-Clusters';
/** Response header: members that were never synced, so whose objects are not shown. */
export const MISSING_HEADER = 'Flotilla-Missing-Clusters';
