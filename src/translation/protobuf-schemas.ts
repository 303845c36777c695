/** How the value of a field is written; a message is given by its own fields. */
export type FieldType =
  | 'string'
  /** A map of strings to strings. */
  | 'stringMap'
  /** JSON text. */
  | 'json'
  | MessageSchema;

export interface FieldSchema {
  readonly number: number;
  readonly type: FieldType;
  readonly isRepeated?: true;
}

/** The fields of a message that tags can be in, by their JSON names. */
export type MessageSchema = Readonly<Record<string, FieldSchema>>;

const string = (number: number): FieldSchema => ({ number, type: 'string' });
const stringMap = (number: number): FieldSchema => ({ number, type: 'stringMap' });
const message = (number: number, type: MessageSchema): FieldSchema => ({ number, type });
const messages = (number: number, type: MessageSchema): FieldSchema => ({
  number,
  type,
  isRepeated: true,
});

// k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto
const OBJECT_META: MessageSchema = {
  name: string(1),
  generateName: string(2),
  namespace: string(3),
  resourceVersion: string(6),
  labels: stringMap(11),
  annotations: stringMap(12),
  ownerReferences: messages(13, { name: string(3) }),
  managedFields: messages(17, { fieldsV1: message(7, { Raw: { number: 1, type: 'json' } }) }),
};
const LABEL_SELECTOR: MessageSchema = {
  matchLabels: stringMap(1),
  matchExpressions: messages(2, {
    key: string(1),
    operator: string(2),
    values: { number: 3, type: 'string', isRepeated: true },
  }),
};
const DELETE_OPTIONS: MessageSchema = {
  preconditions: message(2, { resourceVersion: string(2) }),
};

// k8s.io/api/core/v1/generated.proto
const OBJECT_REFERENCE: MessageSchema = { name: string(3) };
const ENDPOINT_ADDRESS: MessageSchema = { targetRef: message(2, OBJECT_REFERENCE) };

// k8s.io/apimachinery/pkg/runtime/generated.proto
export const TYPE_META: MessageSchema = { apiVersion: string(1), kind: string(2) };

const METADATA: MessageSchema = { metadata: message(1, OBJECT_META) };

function withSpec(spec: MessageSchema): MessageSchema {
  return { ...METADATA, spec: message(2, spec) };
}

function withSelector(number: number): MessageSchema {
  return withSpec({ selector: message(number, LABEL_SELECTOR) });
}

/**
 * By `group/resource`; the numbers are the same in every version of it. With a subresource whose body
 * is a kind of its own: `group/resource/subresource`.
 */
const BY_RESOURCE: Readonly<Record<string, MessageSchema>> = {
  '/pods': {
    ...withSpec({ nodeName: string(10) }),
    status: message(3, { nominatedNodeName: string(11) }),
  },
  '/pods/binding': { ...METADATA, target: message(2, OBJECT_REFERENCE) },
  '/bindings': { ...METADATA, target: message(2, OBJECT_REFERENCE) },
  '/pods/eviction': { ...METADATA, deleteOptions: message(2, DELETE_OPTIONS) },
  '/serviceaccounts/token': withSpec({ boundObjectRef: message(3, { name: string(3) }) }),
  '/events': {
    ...METADATA,
    involvedObject: message(2, OBJECT_REFERENCE),
    related: message(13, OBJECT_REFERENCE),
  },
  'events.k8s.io/events': {
    ...METADATA,
    regarding: message(8, OBJECT_REFERENCE),
    related: message(9, OBJECT_REFERENCE),
  },
  '/endpoints': {
    ...METADATA,
    subsets: messages(2, {
      addresses: messages(1, ENDPOINT_ADDRESS),
      notReadyAddresses: messages(2, ENDPOINT_ADDRESS),
    }),
  },
  'discovery.k8s.io/endpointslices': {
    ...METADATA,
    endpoints: messages(2, { targetRef: message(4, OBJECT_REFERENCE) }),
  },
  '/persistentvolumes': withSpec({ claimRef: message(4, OBJECT_REFERENCE) }),
  '/persistentvolumeclaims': withSpec({ volumeName: string(3) }),
  'autoscaling/horizontalpodautoscalers': withSpec({
    scaleTargetRef: message(1, { name: string(2) }),
  }),
  '/services': withSpec({ selector: stringMap(2) }),
  '/replicationcontrollers': withSpec({ selector: stringMap(2) }),
  'apps/deployments': withSelector(2),
  'apps/replicasets': withSelector(2),
  'apps/statefulsets': withSelector(2),
  'apps/daemonsets': withSelector(1),
  'batch/jobs': withSelector(4),
  'policy/poddisruptionbudgets': withSelector(2),
};

const SCALE: MessageSchema = { ...METADATA, status: message(3, { selector: string(2) }) };

/** What a body of that kind can hold of ours; every object has its metadata in the same place. */
export function schemaOf(
  kind: string,
  { group, resource, subresource }: { group: string; resource: string; subresource: string },
): MessageSchema {
  if (kind === 'DeleteOptions') return DELETE_OPTIONS;
  if (subresource === 'scale') return SCALE;
  const key = `${group}/${resource}`;
  return BY_RESOURCE[`${key}/${subresource}`] ?? BY_RESOURCE[key] ?? METADATA;
}

/** Of an object whose kind does not matter. */
export const ANY_OBJECT = METADATA;
