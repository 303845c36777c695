import type { ObjectMeta, OwnObject } from './object.ts';
import { PROXY_VERBS, propertiesOf, type ResourceDefinition } from './resource-definition.ts';
import { array, map, object, oneOf, optional, string, type TypeOf } from './schema.ts';

const labelSelector = object('Selects by labels; empty selects everything.', {
  matchLabels: optional(map('Labels that must be there with these values.', string('A value.'))),
  matchExpressions: optional(
    array(
      'Requirements that must all hold.',
      object('One requirement.', {
        key: string('The label.'),
        operator: string('In, NotIn, Exists or DoesNotExist.'),
        values: optional(array('Values of In and NotIn.', string('A value.'))),
      }),
    ),
  ),
});

const spec = object('What the view shows, and how.', {
  clusterNames: optional(array('The members in the view; all when absent.', string('A member.'))),
  clusterSelector: optional(labelSelector),
  namespaces: optional(array('The namespaces in the view; all when absent.', string('A name.'))),
  resources: optional(
    object('The resources in the view; all when absent.', {
      include: optional(array('Resources to show, as plural.group.', string('A resource.'))),
      exclude: optional(array('Resources to hide, as plural.group.', string('A resource.'))),
    }),
  ),
  naming: oneOf(
    'Qualified: names of members objects end in @CLUSTER. Plain: names are left alone.',
    ['Qualified', 'Plain'],
  ),
  onStale: oneOf('What happens to objects of a member that does not answer.', [
    'Serve',
    'Omit',
    'Fail',
  ]),
  access: oneOf('Whose rights count: those at each member, or those at the view.', [
    'Member',
    'Hub',
  ]),
  templates: oneOf('Whether templates of the control plane are shown too.', ['Include', 'Exclude']),
});

const status = object('What is known of the view.', {
  clusters: optional(array('The members in the view.', string('A member.'))),
});

export type ViewSpec = TypeOf<typeof spec>;
export type ViewStatus = TypeOf<typeof status>;

/** A named scope over the fleet, which is a complete Kubernetes API below its path. */
export interface View extends OwnObject {
  readonly kind: 'View';
  readonly metadata: ObjectMeta;
  readonly spec: ViewSpec;
  readonly status: ViewStatus;
}

export const viewDefinition: ResourceDefinition<View> = {
  group: 'flotilla.io',
  version: 'v1alpha1',
  kind: 'View',
  plural: 'views',
  singular: 'view',
  shortNames: [],
  description:
    'View is a named scope over the fleet. Below its subresource proxy it is a complete Kubernetes API.',
  verbs: ['get', 'list', 'watch'],
  subresources: [{ name: 'proxy', kind: 'ViewProxyOptions', verbs: PROXY_VERBS }],
  properties: propertiesOf({ spec, status }),
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name of the view.',
      cell: ({ metadata }) => metadata.name,
    },
    {
      name: 'Naming',
      type: 'string',
      description: 'How objects of members are named.',
      cell: (view) => view.spec.naming,
    },
    {
      name: 'Clusters',
      type: 'integer',
      description: 'How many members are in the view.',
      cell: (view) => view.status.clusters?.length ?? 0,
    },
    {
      name: 'Age',
      type: 'string',
      description: 'Time since the view was made.',
      cell: 'age',
    },
    {
      name: 'On-Stale',
      type: 'string',
      description: 'What happens to objects of a member that does not answer.',
      priority: 1,
      cell: (view) => view.spec.onStale,
    },
  ],
};
