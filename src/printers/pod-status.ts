import { parseTimestamp } from './age.ts';
import { filled } from './filled.ts';
import type { KubernetesObject } from './printer.ts';

/** The fields of a Pod that its row is made of. */
export interface Pod extends KubernetesObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly readinessGates?: readonly { readonly conditionType: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly podIP?: string;
    readonly nominatedNodeName?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string };
    readonly running?: object;
    readonly terminated?: Termination;
  };
  readonly lastState?: { readonly terminated?: Termination };
}

interface Termination {
  readonly exitCode?: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly finishedAt?: string | null;
}

/** A pod's containers in one line. */
export interface PodStatus {
  /** The word of the STATUS column. */
  readonly reason: string;
  readonly readyContainers: number;
  readonly totalContainers: number;
  readonly restarts: number;
  /** Milliseconds since the epoch; undefined when no container has ended before. */
  readonly lastRestart: number | undefined;
}

interface Progress {
  /** Undefined: these containers have no say in the pod's status. */
  readonly reason: string | undefined;
  readonly ready: number;
}

/** `minor`: from 1.35 a failed container outweighs a completed one. */
export function podStatus(pod: Pod, minor: number): PodStatus {
  const sidecars = sidecarsOf(pod);
  const inits = initStatusesSoFar(pod, sidecars);
  const init = initProgress(pod, inits);
  const isInitialized =
    init.reason === undefined || conditionOf(pod, 'Initialized')?.status === 'True';
  const main = isInitialized ? mainProgress(pod, minor) : undefined;

  const counted = isInitialized ? mainAndSidecars(pod, inits) : inits.seen;
  return {
    reason: deletionReason(pod) ?? settledReason(pod, init, main),
    readyContainers: init.ready + (main?.ready ?? 0),
    totalContainers: (pod.spec?.containers?.length ?? 0) + sidecars.size,
    restarts: counted.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    lastRestart: lastEnd(counted),
  };
}

function sidecarsOf({ spec }: Pod): ReadonlySet<string> {
  const sidecars = (spec?.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  return new Set(sidecars.map(({ name }) => name));
}

/** Once initialized, the restarts of plain init containers are history. */
function mainAndSidecars(pod: Pod, { seen, sidecars }: InitStatuses): readonly ContainerStatus[] {
  const running = seen.filter(({ name }) => sidecars.has(name));
  return [...running, ...(pod.status?.containerStatuses ?? [])];
}

interface InitStatuses {
  /** In order, up to and including the first one that holds the pod back. */
  readonly seen: readonly ContainerStatus[];
  readonly sidecars: ReadonlySet<string>;
  /** The index of the one that holds the pod back; -1 for none. */
  readonly blocking: number;
}

function initStatusesSoFar(pod: Pod, sidecars: ReadonlySet<string>): InitStatuses {
  const all = pod.status?.initContainerStatuses ?? [];
  const blocking = all.findIndex(
    (status) =>
      status.state?.terminated?.exitCode !== 0 &&
      !(sidecars.has(status.name) && status.started === true),
  );
  return { seen: blocking < 0 ? all : all.slice(0, blocking + 1), sidecars, blocking };
}

function initProgress(pod: Pod, { seen, sidecars, blocking }: InitStatuses): Progress {
  const ready = seen.filter(
    (status, index) =>
      index !== blocking &&
      sidecars.has(status.name) &&
      status.state?.terminated?.exitCode !== 0 &&
      status.ready === true,
  ).length;
  const blocker = seen[blocking];
  if (!blocker) return { reason: undefined, ready };

  const waiting = blocker.state?.waiting?.reason;
  const detail =
    endReason(blocker.state?.terminated) ??
    (waiting && waiting !== 'PodInitializing'
      ? waiting
      : `${blocking}/${pod.spec?.initContainers?.length ?? 0}`);
  return { reason: `Init:${detail}`, ready };
}

interface MainProgress extends Progress {
  readonly isAnyRunning: boolean;
  /** Why a container failed; undefined when none did. */
  readonly failure: string | undefined;
}

/** The first container that waits or has ended speaks for all. */
function mainProgress(pod: Pod, minor: number): MainProgress {
  const all = pod.status?.containerStatuses ?? [];
  const running = all.filter((status) => stopReason(status) === undefined && isRunning(status));
  const failed = all.find((status) => isEnded(status) && status.state?.terminated?.exitCode !== 0);
  return {
    reason: all.map(stopReason).find((reason) => reason !== undefined),
    ready: running.length,
    isAnyRunning: running.length > 0,
    failure: failed && minor >= 35 ? endReason(failed.state?.terminated) : undefined,
  };
}

function settledReason(pod: Pod, init: Progress, main: MainProgress | undefined): string {
  const reason = main?.reason ?? init.reason ?? phaseReason(pod);
  if (!main || reason !== 'Completed') return reason;

  if (main.isAnyRunning && isReady(pod)) return 'Running';
  return main.failure ?? (main.isAnyRunning ? 'NotReady' : reason);
}

function phaseReason(pod: Pod): string {
  const isGated = pod.status?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  return isGated ? 'SchedulingGated' : filled(pod.status?.reason, pod.status?.phase);
}

function deletionReason(pod: Pod): string | undefined {
  if (!pod.metadata?.deletionTimestamp) return undefined;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  const isFinished = ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
  return isFinished ? undefined : 'Terminating';
}

/** Why a container does not run; undefined when it may. */
function stopReason(status: ContainerStatus): string | undefined {
  const waiting = filled(status.state?.waiting?.reason);
  return waiting === '' ? endReason(status.state?.terminated) : waiting;
}

function endReason(end: Termination | undefined): string | undefined {
  if (!end) return undefined;
  return filled(end.reason, end.signal ? `Signal:${end.signal}` : `ExitCode:${end.exitCode ?? 0}`);
}

function isEnded({ state }: ContainerStatus): boolean {
  return state?.terminated !== undefined && !state.waiting?.reason;
}

function isRunning({ ready, state }: ContainerStatus): boolean {
  return ready === true && state?.running !== undefined;
}

function isReady(pod: Pod): boolean {
  const conditions = pod.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function conditionOf(pod: Pod, wanted: string): Condition | undefined {
  return pod.status?.conditions?.find(({ type }) => type === wanted);
}

function lastEnd(statuses: readonly ContainerStatus[]): number | undefined {
  const ends = statuses
    .map(({ lastState }) => parseTimestamp(lastState?.terminated?.finishedAt))
    .filter((end) => end !== undefined);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}
