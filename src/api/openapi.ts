import type { OwnGroupVersion } from './own-groups.ts';
import type { ResourceDefinition } from './resource-definition.ts';
import type { JsonSchema } from './schema.ts';

type Definition = ResourceDefinition<never>;

/** Where schemas stand in a document, which differs between OpenAPI v2 and v3. */
type Refer = (schema: string) => JsonSchema;

interface Operation {
  readonly description: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly action: 'list' | 'get';
  readonly definition: Definition;
  readonly parameters: readonly Parameter[];
  /** Name of the schema of the answer. */
  readonly answer: string;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly description: string;
  readonly type: 'string' | 'integer' | 'boolean';
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const OBJECT_META = `${META}.ObjectMeta`;
const LIST_META = `${META}.ListMeta`;

const NAME: Parameter = {
  name: 'name',
  in: 'path',
  description: 'name of the object',
  type: 'string',
};

function query(name: string, type: Parameter['type'], description: string): Parameter {
  return { name, in: 'query', type, description };
}

const LIST_PARAMETERS: readonly Parameter[] = [
  query('allowWatchBookmarks', 'boolean', 'Whether a watch may send bookmarks.'),
  query('continue', 'string', 'Where the previous page ended.'),
  query('fieldSelector', 'string', 'Restricts the objects by their fields.'),
  query('labelSelector', 'string', 'Restricts the objects by their labels.'),
  query('limit', 'integer', 'Objects a page.'),
  query('resourceVersion', 'string', 'The version to read at, or to watch from.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant.'),
  query('sendInitialEvents', 'boolean', 'Whether a watch begins with the objects that exist.'),
  query('timeoutSeconds', 'integer', 'When a watch ends by itself.'),
  query('watch', 'boolean', 'Whether changes are sent as they happen.'),
];

/** The OpenAPI v3 document of one group version. */
export function openApiV3(groupVersion: OwnGroupVersion, serverVersion: string): object {
  const refer: Refer = (schema) => ({ $ref: `#/components/schemas/${schema}` });
  return {
    openapi: '3.0.0',
    info: { title: 'Flotilla', version: serverVersion },
    paths: pathItems(groupVersion, (operation) => operationV3(operation, refer)),
    components: { schemas: schemasOf([groupVersion], refer) },
  };
}

/** The OpenAPI v2 document of all groups. */
export function openApiV2(
  groupVersions: readonly OwnGroupVersion[],
  serverVersion: string,
): object {
  const refer: Refer = (schema) => ({ $ref: `#/definitions/${schema}` });
  const items = groupVersions.map((one) =>
    pathItems(one, (operation) => operationV2(operation, refer)),
  );
  return {
    swagger: '2.0',
    info: { title: 'Flotilla', version: serverVersion },
    paths: Object.assign({}, ...items) as object,
    definitions: schemasOf(groupVersions, refer),
  };
}

function pathItems(
  { group, version, definitions }: OwnGroupVersion,
  render: (operation: Operation) => object,
): Record<string, object> {
  const readable = definitions.filter(({ verbs }) => verbs.includes('get'));
  return Object.fromEntries(
    readable.flatMap((definition) => {
      const collection = `/apis/${group}/${version}/${definition.plural}`;
      return [
        [collection, { get: render(listOperation(definition)) }],
        [`${collection}/{name}`, { get: render(getOperation(definition)) }],
      ];
    }),
  );
}

function listOperation(definition: Definition): Operation {
  return {
    description: `list or watch objects of kind ${definition.kind}`,
    operationId: `list${operationSuffix(definition)}`,
    tags: [tagOf(definition)],
    action: 'list',
    definition,
    parameters: LIST_PARAMETERS,
    answer: `${schemaName(definition)}List`,
  };
}

function getOperation(definition: Definition): Operation {
  return {
    description: `read the specified ${definition.kind}`,
    operationId: `read${operationSuffix(definition)}`,
    tags: [tagOf(definition)],
    action: 'get',
    definition,
    parameters: [NAME],
    answer: schemaName(definition),
  };
}

function operationSuffix({ group, version, kind }: Definition): string {
  const words = [...group.split('.').slice(0, -1), version];
  return `${words.map(capitalized).join('')}${kind}`;
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

function tagOf({ group, version }: Definition): string {
  return `${group.replace(/\./g, '_')}_${version}`;
}

function extensions({ action, definition }: Operation): object {
  const { group, version, kind } = definition;
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function operationV3(operation: Operation, refer: Refer): object {
  const content = { 'application/json': { schema: refer(operation.answer) } };
  return {
    ...textsOf(operation),
    parameters: operation.parameters.map(({ type, ...parameter }) => ({
      ...parameter,
      ...(parameter.in === 'path' && { required: true }),
      schema: { type },
    })),
    responses: { 200: { description: 'OK', content } },
    ...extensions(operation),
  };
}

function operationV2(operation: Operation, refer: Refer): object {
  return {
    ...textsOf(operation),
    produces: ['application/json', 'application/yaml'],
    parameters: operation.parameters.map((parameter) => ({
      ...parameter,
      ...(parameter.in === 'path' && { required: true }),
    })),
    responses: { 200: { description: 'OK', schema: refer(operation.answer) } },
    ...extensions(operation),
  };
}

function textsOf({ description, operationId, tags }: Operation): object {
  return { description, operationId, tags };
}

/** `io.karmada.cluster.v1alpha1.Cluster`: the group's domain backwards, version, kind. */
function schemaName({ group, version, kind }: Definition): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

function schemasOf(
  groupVersions: readonly OwnGroupVersion[],
  refer: Refer,
): Record<string, object> {
  const readable = groupVersions
    .flatMap(({ definitions }) => definitions)
    .filter(({ verbs }) => verbs.includes('get'));
  return {
    ...Object.fromEntries(readable.flatMap((definition) => kindSchemas(definition, refer))),
    ...(readable.length > 0 && metaSchemas()),
  };
}

function kindSchemas(definition: Definition, refer: Refer): [string, object][] {
  const { group, version, kind, description, properties } = definition;
  const name = schemaName(definition);
  const marked = (one: string): object => ({
    'x-kubernetes-group-version-kind': [{ group, version, kind: one }],
  });
  const typed = {
    apiVersion: text('Group and version of this representation.'),
    kind: text('The kind of the object.'),
  };
  const metadata = (schema: string, about: string): JsonSchema => ({
    description: about,
    ...refer(schema),
  });
  return [
    [
      name,
      {
        description,
        type: 'object',
        properties: {
          ...typed,
          metadata: metadata(OBJECT_META, 'Metadata of the object.'),
          ...properties,
        },
        ...marked(kind),
      },
    ],
    [
      `${name}List`,
      {
        description: `A list of objects of kind ${kind}.`,
        type: 'object',
        required: ['items'],
        properties: {
          ...typed,
          metadata: metadata(LIST_META, 'Metadata of the list.'),
          items: { type: 'array', description: 'The objects.', items: refer(name) },
        },
        ...marked(`${kind}List`),
      },
    ],
  ];
}

function text(description: string): JsonSchema {
  return { type: 'string', description };
}

function texts(description: string): JsonSchema {
  return { type: 'object', description, additionalProperties: { type: 'string' } };
}

function metaSchemas(): Record<string, JsonSchema> {
  const time = (description: string): JsonSchema => ({ ...text(description), format: 'date-time' });
  return {
    [OBJECT_META]: {
      type: 'object',
      description: 'ObjectMeta is what every object carries.',
      properties: {
        annotations: texts('Notes of tools, not selectable.'),
        creationTimestamp: time('When the object was made.'),
        deletionTimestamp: time('When the object is to be gone.'),
        finalizers: {
          type: 'array',
          description: 'Who must agree before the object goes.',
          items: { type: 'string' },
        },
        generation: {
          type: 'integer',
          format: 'int64',
          description: 'Counts changes of the desired state.',
        },
        labels: texts('Selectable marks.'),
        name: text('Name, unique within the kind.'),
        namespace: text('Namespace of the object, if it has one.'),
        resourceVersion: text('Version of the object: what a watch continues from.'),
        uid: text('Unique in time and space.'),
      },
    },
    [LIST_META]: {
      type: 'object',
      description: 'ListMeta is what every list carries.',
      properties: {
        continue: text('Where the next page begins; absent on the last.'),
        remainingItemCount: {
          type: 'integer',
          format: 'int64',
          description: 'Objects on later pages.',
        },
        resourceVersion: text('Version of the list: what a watch continues from.'),
      },
    },
  };
}
