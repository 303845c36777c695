import { readPaths } from '../bytes/index.ts';
import type { StoredObject } from '../informers/index.ts';
import { badRequest } from '../kube/index.ts';

/** How one field of a kind is read for selectors. */
interface SelectableField {
  readonly path: readonly string[];
  /** What a missing field selects as. */
  readonly missing: string;
  /** Read instead where the first is empty. */
  readonly otherwise?: readonly string[];
}

const field = (path: string, missing = ''): SelectableField => ({ path: path.split('.'), missing });

const fields = (...paths: string[]): Record<string, SelectableField> =>
  Object.fromEntries(paths.map((path) => [path, field(path)]));

const objectReference = (at: string): Record<string, SelectableField> =>
  fields(
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (key) => `${at}.${key}`,
    ),
  );

/** By `group/resource`: the fields that kube-apiserver selects by, beside metadata.name and metadata.namespace. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, SelectableField>>>> = {
  '/pods': {
    ...fields(
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ),
    'spec.host': field('spec.nodeName'),
    'spec.hostNetwork': field('spec.hostNetwork', 'false'),
    'status.podIPs': field('status.podIPs'),
  },
  '/nodes': { 'spec.unschedulable': field('spec.unschedulable', 'false') },
  '/namespaces': fields('status.phase'),
  '/secrets': fields('type'),
  '/services': fields('spec.clusterIP', 'spec.type'),
  '/replicationcontrollers': { 'status.replicas': field('status.replicas', '0') },
  '/events': {
    ...objectReference('involvedObject'),
    ...fields('reason', 'type'),
    reportingComponent: field('reportingComponent'),
    source: { path: ['source', 'component'], missing: '', otherwise: ['reportingComponent'] },
  },
  'events.k8s.io/events': {
    ...objectReference('regarding'),
    ...fields('reason', 'type'),
    reportingController: field('reportingController'),
  },
  'batch/jobs': { 'status.successful': field('status.succeeded', '0') },
  'certificates.k8s.io/certificatesigningrequests': fields('spec.signerName'),
  'resource.k8s.io/resourceslices': fields('spec.nodeName', 'spec.driver'),
};

/** Kinds that kube-apiserver does not let select by namespace. */
const WITHOUT_NAMESPACE: ReadonlySet<string> = new Set([
  '/nodes',
  '/namespaces',
  'certificates.k8s.io/certificatesigningrequests',
  'resource.k8s.io/resourceslices',
]);

/** Kinds whose refusal kube-apiserver words in the general form. */
function unsupported(name: string, known: number): Error {
  if (known > 0) return badRequest(`field label not supported: ${name}`);
  return badRequest(
    `"${name}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** Reads the values of some fields of a kind's objects. */
export class FieldReader {
  readonly #paths: (readonly string[])[] = [];
  readonly #slots = new Map<string, { readonly field: SelectableField; readonly at: number }>();

  /**
   * @param custom - fields that a custom resource selects by, as dotted paths
   * @throws BadRequest for a field that the kind does not select by
   */
  constructor(
    target: { group: string; resource: string },
    names: readonly string[],
    custom: readonly string[],
  ) {
    const key = `${target.group}/${target.resource}`;
    const known = { ...FIELDS[key], ...fields(...custom) };
    for (const name of names) {
      if (name === 'metadata.name') continue;
      if (name === 'metadata.namespace' && !WITHOUT_NAMESPACE.has(key)) continue;
      const selectable = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!selectable) throw unsupported(name, Object.keys(known).length);
      this.#slots.set(name, { field: selectable, at: this.#paths.length });
      this.#paths.push(selectable.path, selectable.otherwise ?? selectable.path);
    }
  }

  /** The values of the fields, by name. */
  read(object: StoredObject): (name: string) => string {
    const texts = this.#paths.length === 0 ? [] : readPaths(object.bytes, this.#paths);
    return (name) => {
      if (name === 'metadata.name') return object.name;
      if (name === 'metadata.namespace') return object.namespace;
      const slot = this.#slots.get(name);
      if (!slot) return '';
      const text = texts[slot.at] ?? '';
      const found = text === '' ? (texts[slot.at + 1] ?? '') : text;
      return found === '' ? slot.field.missing : found;
    };
  }
}

/** Fields whose value is an object's name: they take qualified values in a view with qualified names. */
export const NAME_FIELDS: ReadonlySet<string> = new Set([
  'metadata.name',
  'involvedObject.name',
  'regarding.name',
  'spec.nodeName',
  'spec.host',
  'status.nominatedNodeName',
]);
