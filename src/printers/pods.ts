import { filled } from './filled.ts';
import { kindRead, type Kinds } from './kind.ts';
import { podStatus, type Pod, type PodStatus } from './pod-status.ts';
import { ageColumn, column, nameColumn, timed, wide, type RowCondition } from './printer.ts';
import type { Elapsed } from './age.ts';

/** A pod with its containers summed up. */
interface ReadPod extends Pod {
  readonly summary: PodStatus;
}

/** Pods. */
export const podKinds: Kinds = {
  pods: kindRead<ReadPod>(
    (object, minor) => {
      const pod = object as Pod;
      return { ...pod, summary: podStatus(pod, minor) };
    },
    [
      nameColumn(),
      column('Ready', ({ summary }) => `${summary.readyContainers}/${summary.totalContainers}`),
      column('Status', ({ summary }) => summary.reason),
      timed('Restarts', ({ summary }) => restarts(summary)),
      ageColumn(),
      ...wide<ReadPod>(
        column('IP', ({ status }) => filled(status?.podIP, '<none>')),
        column('Node', ({ spec }) => filled(spec?.nodeName, '<none>')),
        column('Nominated Node', ({ status }) => filled(status?.nominatedNodeName, '<none>')),
        column('Readiness Gates', readinessGates),
      ),
    ],
    completion,
  ),
};

function restarts({ restarts: count, lastRestart }: PodStatus): string | Elapsed {
  if (count === 0 || lastRestart === undefined) return `${count}`;
  return { since: lastRestart, before: `${count} (`, after: ' ago)' };
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const open = gates.filter(({ conditionType }) => {
    const condition = status?.conditions?.find(({ type }) => type === conditionType);
    return condition?.status === 'True';
  });
  return `${open.length}/${gates.length}`;
}

const COMPLETION: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

function completion({ status }: Pod): readonly RowCondition[] | undefined {
  const reason = status?.phase ?? '';
  const message = COMPLETION[reason];
  if (message === undefined) return undefined;
  return [{ type: 'Completed', status: 'True', reason, message }];
}
