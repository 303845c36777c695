/** How a field refers to another object of the same cluster, or selects some. */
export type ReferenceForm =
  /** The name of one object: served as NAME@CLUSTER. */
  | 'name'
  /** A LabelSelector object: the virtual label joins its matchLabels. */
  | 'labelSelector'
  /** A plain map of labels that selects when it is not empty. */
  | 'labelMap'
  /** A label selector as text. */
  | 'selectorText';

export interface Reference {
  /** Keys from the object's root; `*` stands for every element of an array. */
  readonly path: readonly string[];
  readonly form: ReferenceForm;
}

/** In every kind. */
const EVERYWHERE: readonly Reference[] = [name('metadata.ownerReferences.*.name')];

/** By `group/resource[/subresource]`, in every version of it. */
const BY_RESOURCE: Readonly<Record<string, readonly Reference[]>> = {
  '/pods': [name('spec.nodeName'), name('status.nominatedNodeName')],
  '/events': [name('involvedObject.name'), name('related.name')],
  'events.k8s.io/events': [name('regarding.name'), name('related.name')],
  '/endpoints': [
    name('subsets.*.addresses.*.targetRef.name'),
    name('subsets.*.notReadyAddresses.*.targetRef.name'),
  ],
  'discovery.k8s.io/endpointslices': [name('endpoints.*.targetRef.name')],
  '/persistentvolumes': [name('spec.claimRef.name')],
  '/persistentvolumeclaims': [name('spec.volumeName')],
  'autoscaling/horizontalpodautoscalers': [name('spec.scaleTargetRef.name')],
  '/services': [{ path: ['spec', 'selector'], form: 'labelMap' }],
  '/replicationcontrollers': [{ path: ['spec', 'selector'], form: 'labelMap' }],
  'apps/deployments': [selector('spec.selector')],
  'apps/replicasets': [selector('spec.selector')],
  'apps/statefulsets': [selector('spec.selector')],
  'apps/daemonsets': [selector('spec.selector')],
  'batch/jobs': [selector('spec.selector')],
  'policy/poddisruptionbudgets': [selector('spec.selector')],
};

const SCALE: readonly Reference[] = [{ path: ['status', 'selector'], form: 'selectorText' }];

function name(path: string): Reference {
  return { path: path.split('.'), form: 'name' };
}

function selector(path: string): Reference {
  return { path: path.split('.'), form: 'labelSelector' };
}

/**
 * The fields of a kind that clients follow to other objects: served qualified in a view, translated
 * back on writes. All other content stays as the member wrote it.
 */
export function referencesOf(
  group: string,
  resource: string,
  subresource = '',
): readonly Reference[] {
  if (subresource === 'scale') return [...EVERYWHERE, ...SCALE];
  return [...EVERYWHERE, ...(BY_RESOURCE[`${group}/${resource}`] ?? [])];
}
