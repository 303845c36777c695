import { elapsedSince, humanDuration, parseTimestamp, type Elapsed } from './age.ts';
import { kind, type Kinds } from './kind.ts';
import { formatSelector, type LabelSelector } from './labels.ts';
import {
  ageColumn,
  boolean,
  column,
  integer,
  nameColumn,
  timed,
  wide,
  type KubernetesObject,
} from './printer.ts';
import { containerColumns, type PodTemplate } from './workloads.ts';

interface JobSpec {
  readonly completions?: number;
  readonly parallelism?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
}

interface Job extends KubernetesObject {
  readonly spec?: JobSpec;
  readonly status?: {
    readonly succeeded?: number;
    readonly startTime?: string | null;
    readonly completionTime?: string | null;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface CronJob extends KubernetesObject {
  readonly spec?: {
    readonly schedule?: string;
    readonly timeZone?: string;
    readonly suspend?: boolean;
    readonly jobTemplate?: { readonly spec?: JobSpec };
  };
  readonly status?: {
    readonly active?: readonly unknown[];
    readonly lastScheduleTime?: string | null;
  };
}

/** Jobs and what starts them. */
export const jobKinds: Kinds = {
  'jobs.batch': kind<Job>((minor) => [
    nameColumn(),
    column('Status', (job) => jobStatus(job, minor)),
    column('Completions', completions),
    timed('Duration', duration),
    ageColumn(),
    ...wide<Job>(
      ...containerColumns<Job>(({ spec }) => spec?.template),
      column('Selector', ({ spec }) => formatSelector(spec?.selector)),
    ),
  ]),

  'cronjobs.batch': kind<CronJob>(() => [
    nameColumn(),
    column('Schedule', ({ spec }) => spec?.schedule ?? ''),
    column('Timezone', ({ spec }) => spec?.timeZone ?? '<none>'),
    boolean('Suspend', suspended),
    integer('Active', ({ status }) => status?.active?.length ?? 0),
    timed('Last Schedule', ({ status }) =>
      status?.lastScheduleTime ? elapsedSince(status.lastScheduleTime) : '<none>',
    ),
    ageColumn(),
    ...wide<CronJob>(
      ...containerColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template),
      column('Selector', ({ spec }) => formatSelector(spec?.jobTemplate?.spec?.selector)),
    ),
  ]),
};

function jobStatus({ metadata, status }: Job, minor: number): string {
  const has = (wanted: string): boolean =>
    status?.conditions?.find(({ type }) => type === wanted)?.status === 'True';

  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata?.deletionTimestamp) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  return minor >= 34 && has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job): string | Elapsed {
  const start = parseTimestamp(status?.startTime);
  if (start === undefined) return '';
  const end = parseTimestamp(status?.completionTime);
  return end === undefined ? { since: start, before: '', after: '' } : humanDuration(end - start);
}

/** Declared boolean, sent as a word. */
function suspended({ spec }: CronJob): string {
  if (spec?.suspend === undefined) return '<unset>';
  return spec.suspend ? 'True' : 'False';
}
