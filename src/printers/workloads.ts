import { kind, type Kinds } from './kind.ts';
import { formatLabels, formatSelector, selectorText, type LabelSelector } from './labels.ts';
import {
  ageColumn,
  column,
  integer,
  nameColumn,
  wide,
  type Column,
  type KubernetesObject,
} from './printer.ts';

/** The part of a pod template that workloads show. */
export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly containers?: readonly { readonly name: string; readonly image?: string }[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
  };
}

interface Workload extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: LabelSelector;
    readonly template?: PodTemplate;
  };
  readonly status?: Readonly<Record<string, number | undefined>>;
}

interface ReplicationController extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: Readonly<Record<string, string>>;
    readonly template?: PodTemplate;
  };
  readonly status?: Readonly<Record<string, number | undefined>>;
}

interface PodTemplateObject extends KubernetesObject {
  readonly template?: PodTemplate;
}

interface ControllerRevision extends KubernetesObject {
  readonly revision?: number;
}

/** What keeps pods running, and the revisions and templates of it. */
export const workloadKinds: Kinds = {
  'deployments.apps': kind<Workload>(() => [
    nameColumn(),
    column('Ready', readyOfDesired),
    column('Up-to-date', ({ status }) => status?.['updatedReplicas'] ?? 0),
    column('Available', ({ status }) => status?.['availableReplicas'] ?? 0),
    ageColumn(),
    ...wide<Workload>(
      ...containerColumns<Workload>(templateOf),
      column('Selector', ({ spec }) => selectorText(spec?.selector) ?? '<invalid>'),
    ),
  ]),

  'replicasets.apps': kind<Workload>(() => [
    nameColumn(),
    ...replicaColumns(),
    ageColumn(),
    ...wide<Workload>(...containerColumns<Workload>(templateOf), selectorColumn()),
  ]),

  'statefulsets.apps': kind<Workload>(() => [
    nameColumn(),
    column('Ready', readyOfDesired),
    ageColumn(),
    ...wide(...containerColumns<Workload>(templateOf)),
  ]),

  'daemonsets.apps': kind<Workload>(() => [
    nameColumn(),
    count('Desired', 'desiredNumberScheduled'),
    count('Current', 'currentNumberScheduled'),
    count('Ready', 'numberReady'),
    count('Up-to-date', 'updatedNumberScheduled'),
    count('Available', 'numberAvailable'),
    column('Node Selector', ({ spec }) => formatLabels(spec?.template?.spec?.nodeSelector)),
    ageColumn(),
    ...wide<Workload>(...containerColumns<Workload>(templateOf), selectorColumn()),
  ]),

  replicationcontrollers: kind<ReplicationController>(() => [
    nameColumn(),
    ...replicaColumns(),
    ageColumn(),
    ...wide<ReplicationController>(
      ...containerColumns<ReplicationController>(({ spec }) => spec?.template),
      column('Selector', ({ spec }) => formatLabels(spec?.selector)),
    ),
  ]),

  podtemplates: kind<PodTemplateObject>(() => [
    nameColumn(),
    ...containerColumns<PodTemplateObject>(({ template }) => template),
    column('Pod Labels', ({ template }) => formatLabels(template?.metadata?.labels)),
  ]),

  'controllerrevisions.apps': kind<ControllerRevision>(() => [
    nameColumn(),
    column('Controller', controllerOf),
    column('Revision', ({ revision }) => revision ?? 0),
    ageColumn(),
  ]),
};

/** The names and the images of a template's containers, comma separated. */
export function containerColumns<T>(template: (source: T) => PodTemplate | undefined): Column<T>[] {
  const each = (source: T, field: 'name' | 'image'): string =>
    (template(source)?.spec?.containers ?? []).map((container) => container[field] ?? '').join(',');
  return [
    column('Containers', (source) => each(source, 'name')),
    column('Images', (source) => each(source, 'image')),
  ];
}

function templateOf({ spec }: Workload): PodTemplate | undefined {
  return spec?.template;
}

function readyOfDesired({ spec, status }: Workload): string {
  return `${status?.['readyReplicas'] ?? 0}/${spec?.replicas ?? 0}`;
}

function count(name: string, field: string): Column<Pick<Workload, 'status'>> {
  return integer(name, ({ status }) => status?.[field] ?? 0);
}

type Replicated = Pick<Workload, 'status'> & { readonly spec?: { readonly replicas?: number } };

function replicaColumns(): Column<Replicated>[] {
  return [
    integer('Desired', ({ spec }) => spec?.replicas ?? 0),
    count('Current', 'replicas'),
    count('Ready', 'readyReplicas'),
  ];
}

function selectorColumn(): Column<Workload> {
  return column('Selector', ({ spec }) => formatSelector(spec?.selector));
}

/** The controller as `kind.group/name`. */
function controllerOf({ metadata }: ControllerRevision): string {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0] ?? ''}` : '';
  return `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}`;
}
