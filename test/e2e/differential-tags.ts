/** Any JSON object. */
export type Json = Record<string, unknown>;

interface Tagged {
  /** Keys from the root; `*` stands for each element of an array. */
  readonly path: string;
  /** A name gets `@CLUSTER`; selectors get the cluster's label. */
  readonly as: 'name' | 'labelSelector' | 'labels' | 'selectorText';
}

const selector: readonly Tagged[] = [{ path: 'spec.selector', as: 'labelSelector' }];
const name = (path: string): Tagged => ({ path, as: 'name' });

/**
 * Everything that a view changes in an object beside its metadata: what clients follow to other
 * objects of the same cluster. The README's section "What a view shows" says it in words.
 */
export const REFERENCES: Readonly<Record<string, readonly Tagged[]>> = {
  pods: [name('spec.nodeName'), name('status.nominatedNodeName')],
  events: [name('involvedObject.name'), name('related.name')],
  'events.events.k8s.io': [name('regarding.name'), name('related.name')],
  endpoints: [
    name('subsets.*.addresses.*.targetRef.name'),
    name('subsets.*.notReadyAddresses.*.targetRef.name'),
  ],
  'endpointslices.discovery.k8s.io': [name('endpoints.*.targetRef.name')],
  persistentvolumes: [name('spec.claimRef.name')],
  persistentvolumeclaims: [name('spec.volumeName')],
  'horizontalpodautoscalers.autoscaling': [name('spec.scaleTargetRef.name')],
  services: [{ path: 'spec.selector', as: 'labels' }],
  replicationcontrollers: [{ path: 'spec.selector', as: 'labels' }],
  'deployments.apps': selector,
  'replicasets.apps': selector,
  'statefulsets.apps': selector,
  'daemonsets.apps': selector,
  'jobs.batch': selector,
  'poddisruptionbudgets.policy': selector,
};

const CLUSTER_LABEL = 'flotilla.io/cluster';

/** How a view shows the objects of one kind of one member. */
export interface Showing {
  /** `deployments.apps`, or `pods` in the core group. */
  readonly kind: string;
  readonly cluster: string;
  /** Karmada's path leaves names alone. */
  readonly naming: 'Qualified' | 'Plain';
}

/** A member's object as a view must show it, under the version that the view gave it. */
export function tagged(own: Json, version: unknown, showing: Showing): Json {
  const object = structuredClone(own);
  const metadata = object['metadata'] as Json;
  const { cluster, naming, kind } = showing;
  const memberVersion = metadata['resourceVersion'] ?? '';
  const isMerged = kind === 'namespaces';
  object['metadata'] = {
    ...metadata,
    ...(naming === 'Qualified' && !isMerged && { name: `${String(metadata['name'])}@${cluster}` }),
    ...(version !== undefined && { resourceVersion: version }),
    labels: { ...(metadata['labels'] as Json | undefined), [CLUSTER_LABEL]: cluster },
    annotations: {
      ...(metadata['annotations'] as Json | undefined),
      'resource.karmada.io/cached-from-cluster': cluster,
      'flotilla.io/resource-version': memberVersion,
      ...(isMerged && { 'flotilla.io/clusters': cluster }),
    },
  };
  if (naming === 'Plain' || isMerged) return object;
  const references = [name('metadata.ownerReferences.*.name'), ...(REFERENCES[kind] ?? [])];
  for (const { path, as } of references) change(object, path.split('.'), TAGS[as](cluster));
  return object;
}

type Tag = (value: unknown) => unknown;

const TAGS: Readonly<Record<Tagged['as'], (cluster: string) => Tag>> = {
  name: (cluster) => (value) => (value === '' ? value : `${String(value)}@${cluster}`),
  labels: (cluster) => (value) =>
    Object.keys(value as Json).length === 0
      ? value
      : { ...(value as Json), [CLUSTER_LABEL]: cluster },
  labelSelector: (cluster) => (value) => ({
    ...(value as Json),
    matchLabels: {
      ...((value as Json)['matchLabels'] as Json | undefined),
      [CLUSTER_LABEL]: cluster,
    },
  }),
  selectorText: (cluster) => (value) => `${String(value)},${CLUSTER_LABEL}=${cluster}`,
};

function change(at: unknown, [key = '', ...rest]: readonly string[], tag: Tag): void {
  if (typeof at !== 'object' || at === null) return;
  if (key === '*') {
    for (const element of at as unknown[]) change(element, rest, tag);
    return;
  }
  const holder = at as Json;
  if (holder[key] === undefined || holder[key] === null) return;
  if (rest.length === 0) holder[key] = tag(holder[key]);
  else change(holder[key], rest, tag);
}

const DURATION = /\d+[smhdy](?:\d+[smhdy])?/g;
const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  y: 31_536_000,
};

/** Whether two cells are equal, but for the few seconds between two answers. */
export function sameCell(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string')
    return JSON.stringify(a) === JSON.stringify(b);
  if (a === b) return true;
  if (a.replace(DURATION, '#') !== b.replace(DURATION, '#')) return false;
  const [ofA, ofB] = [a, b].map((text) =>
    [...text.matchAll(DURATION)].map(([one]) => secondsOf(one)),
  );
  return (ofA ?? []).every((seconds, index) => Math.abs(seconds - (ofB?.[index] ?? 0)) <= 10);
}

function secondsOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)([smhdy])/g)];
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ''] ?? 0),
    0,
  );
}
