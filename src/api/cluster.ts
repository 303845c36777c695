import type { ObjectMeta, OwnObject } from './object.ts';
import { PROXY_VERBS, propertiesOf, type ResourceDefinition } from './resource-definition.ts';
import { array, boolean, map, object, oneOf, optional, string, type TypeOf } from './schema.ts';

const taint = object('A mark that keeps workloads away unless they tolerate it.', {
  key: string('The key of the taint.'),
  value: optional(string('The value of the taint.')),
  effect: string('What happens to workloads that do not tolerate it: NoSchedule or NoExecute.'),
  timeAdded: optional(string('When the taint was added.', { format: 'date-time' })),
});

const spec = object('How the member is reached and what it is.', {
  id: optional(
    string('Unique id of the cluster: the uid of its namespace kube-system.', {
      maxLength: 128000,
    }),
  ),
  syncMode: oneOf('Who brings work to the member: this server (Push) or an agent in it (Pull).', [
    'Push',
    'Pull',
  ]),
  apiEndpoint: optional(string("https URL of the member's API server.")),
  insecureSkipTLSVerification: optional(
    boolean("Whether the member's certificate is accepted unchecked."),
  ),
  proxyURL: optional(string('URL of the proxy on the way to the member: http, https or socks5.')),
  proxyHeader: optional(map('Headers for the proxy.', string('A header value.'))),
  provider: optional(string('Who runs the cluster.')),
  region: optional(string('The region that the cluster is in.')),
  zones: optional(array('The zones that the cluster spans.', string('A zone.'))),
  taints: optional(array('Marks that keep workloads away.', taint)),
});

const condition = object('One observation of the state.', {
  type: string('What is observed, in CamelCase.'),
  status: oneOf('Whether it is true.', ['True', 'False', 'Unknown']),
  reason: string('Why, in one CamelCase word.'),
  message: string('Why, for people.'),
  lastTransitionTime: string('When the status changed last.', { format: 'date-time' }),
});

const apiEnablement = object('One group version that the member serves.', {
  groupVersion: string('Group and version.'),
  resources: optional(
    array(
      'Its resources.',
      object('One resource.', {
        name: string('Plural name of the resource.'),
        kind: string('Kind of the resource.'),
      }),
    ),
  ),
});

const status = object('What is known of the member.', {
  kubernetesVersion: optional(string('Version of the member.')),
  apiEnablements: optional(array('The APIs that the member serves.', apiEnablement)),
  conditions: optional(array('Observations of its state.', condition)),
});

export type ClusterSpec = TypeOf<typeof spec>;
export type ClusterStatus = TypeOf<typeof status>;
export type Condition = TypeOf<typeof condition>;
export type ApiEnablement = TypeOf<typeof apiEnablement>;

/** A member cluster. Same wire shape as Karmada's `cluster.karmada.io/v1alpha1`. */
export interface Cluster extends OwnObject {
  readonly kind: 'Cluster';
  readonly metadata: ObjectMeta;
  readonly spec: ClusterSpec;
  readonly status: ClusterStatus;
}

const NONE = '<none>';

export const clusterDefinition: ResourceDefinition<Cluster> = {
  group: 'cluster.karmada.io',
  version: 'v1alpha1',
  kind: 'Cluster',
  plural: 'clusters',
  singular: 'cluster',
  shortNames: [],
  description: 'Cluster is a member of the fleet: how it is reached and what is known of it.',
  verbs: ['get', 'list', 'watch'],
  subresources: [{ name: 'proxy', kind: 'ClusterProxyOptions', verbs: PROXY_VERBS }],
  properties: propertiesOf({ spec, status }),
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name of the member cluster.',
      cell: ({ metadata }) => metadata.name,
    },
    {
      name: 'Version',
      type: 'string',
      description: 'Kubernetes version of the member cluster.',
      cell: (cluster) => cluster.status.kubernetesVersion ?? '',
    },
    {
      name: 'Mode',
      type: 'string',
      description: 'Who brings work to the member cluster.',
      cell: (cluster) => cluster.spec.syncMode,
    },
    {
      name: 'Ready',
      type: 'string',
      description: 'Whether the member cluster answers and is healthy.',
      cell: (cluster) =>
        cluster.status.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown',
    },
    {
      name: 'Age',
      type: 'string',
      description: 'Time since the member cluster joined.',
      cell: 'age',
    },
    {
      name: 'Zones',
      type: 'string',
      description: 'The zones that the member cluster spans.',
      priority: 1,
      cell: ({ spec: { zones = [] } }) => (zones.length > 0 ? zones.join(',') : NONE),
    },
    {
      name: 'Region',
      type: 'string',
      description: 'The region that the member cluster is in.',
      priority: 1,
      cell: (cluster) => cluster.spec.region ?? NONE,
    },
    {
      name: 'Provider',
      type: 'string',
      description: 'Who runs the member cluster.',
      priority: 1,
      cell: (cluster) => cluster.spec.provider ?? NONE,
    },
    {
      name: 'API-Endpoint',
      type: 'string',
      description: "https URL of the member cluster's API server.",
      priority: 1,
      cell: (cluster) => cluster.spec.apiEndpoint ?? '',
    },
    {
      name: 'Proxy-URL',
      type: 'string',
      description: 'URL of the proxy on the way to the member cluster.',
      priority: 1,
      cell: (cluster) => cluster.spec.proxyURL ?? NONE,
    },
  ],
};
