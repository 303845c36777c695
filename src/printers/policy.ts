import { kind, type Kinds } from './kind.ts';
import {
  ageColumn,
  boolean,
  column,
  integer,
  nameColumn,
  type KubernetesObject,
} from './printer.ts';

interface PodDisruptionBudget extends KubernetesObject {
  readonly spec?: {
    readonly minAvailable?: string | number;
    readonly maxUnavailable?: string | number;
  };
  readonly status?: { readonly disruptionsAllowed?: number };
}

interface PriorityClass extends KubernetesObject {
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: string;
}

interface PodGroup extends KubernetesObject {
  readonly spec?: {
    readonly schedulingPolicy?: { readonly gang?: object };
    readonly podGroupTemplateRef?: { readonly workload?: { readonly workloadName?: string } };
  };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
    }[];
  };
}

interface FlowSchema extends KubernetesObject {
  readonly spec?: {
    readonly priorityLevelConfiguration?: { readonly name?: string };
    readonly matchingPrecedence?: number;
    readonly distinguisherMethod?: { readonly type?: string } | null;
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface PriorityLevelConfiguration extends KubernetesObject {
  readonly spec?: {
    readonly type?: string;
    readonly limited?: {
      readonly nominalConcurrencyShares?: number;
      readonly limitResponse?: { readonly queuing?: Queuing };
    };
  };
}

interface Queuing {
  readonly queues?: number;
  readonly handSize?: number;
  readonly queueLengthLimit?: number;
}

/** What says which pods and which requests come first. */
export const policyKinds: Kinds = {
  'poddisruptionbudgets.policy': kind<PodDisruptionBudget>(() => [
    nameColumn(),
    column('Min Available', ({ spec }) => spec?.minAvailable?.toString() ?? 'N/A'),
    column('Max Unavailable', ({ spec }) => spec?.maxUnavailable?.toString() ?? 'N/A'),
    integer('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
    ageColumn(),
  ]),

  'priorityclasses.scheduling.k8s.io': kind<PriorityClass>(() => [
    nameColumn(),
    integer('Value', ({ value }) => value ?? 0),
    boolean('Global-Default', ({ globalDefault }) => globalDefault ?? false),
    ageColumn(),
    column('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ]),

  'workloads.scheduling.k8s.io': kind(() => [nameColumn(), ageColumn()]),

  'podgroups.scheduling.k8s.io': kind<PodGroup>(() => [
    nameColumn(),
    column('Policy', ({ spec }) => (spec?.schedulingPolicy?.gang ? 'Gang' : 'Basic')),
    column('Workload', ({ spec }) =>
      spec?.podGroupTemplateRef
        ? (spec.podGroupTemplateRef.workload?.workloadName ?? '')
        : '<none>',
    ),
    column('Status', podGroupStatus),
    ageColumn(),
  ]),

  'flowschemas.flowcontrol.apiserver.k8s.io': kind<FlowSchema>(() => [
    nameColumn(),
    column('PriorityLevel', ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
    column('MatchingPrecedence', ({ spec }) => spec?.matchingPrecedence ?? 0),
    column('DistinguisherMethod', ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>'),
    ageColumn(),
    column('MissingPL', ({ status }) => {
      const dangling = status?.conditions?.find(({ type }) => type === 'Dangling');
      return dangling?.status ?? '?';
    }),
  ]),

  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': kind<PriorityLevelConfiguration>(
    () => [
      nameColumn(),
      column('Type', ({ spec }) => spec?.type ?? ''),
      column('NominalConcurrencyShares', ({ spec }) =>
        spec?.limited ? (spec.limited.nominalConcurrencyShares ?? 0) : '<none>',
      ),
      column('Queues', (level) => queuing(level, 'queues')),
      column('HandSize', (level) => queuing(level, 'handSize')),
      column('QueueLengthLimit', (level) => queuing(level, 'queueLengthLimit')),
      ageColumn(),
    ],
  ),
};

function podGroupStatus({ status }: PodGroup): string {
  const last = (wanted: string) => status?.conditions?.findLast(({ type }) => type === wanted);
  const disrupted = last('DisruptionTarget');
  if (disrupted) return disrupted.reason ?? '';
  const scheduled = last('PodGroupScheduled');
  if (!scheduled) return 'Pending';
  return scheduled.status === 'True' ? 'Scheduled' : 'Unschedulable';
}

function queuing({ spec }: PriorityLevelConfiguration, field: keyof Queuing): number | string {
  const queues = spec?.limited?.limitResponse?.queuing;
  return queues ? (queues[field] ?? 0) : '<none>';
}
