import { ago, odd, type OddObject } from './odd-object.ts';

const pod = odd({ apiVersion: 'v1', kind: 'Pod', resource: 'pods' });

const app = { name: 'app', image: 'app:1' };
const log = { name: 'log', image: 'log:1' };
const sidecar = { name: 'mesh', image: 'mesh:1', restartPolicy: 'Always' };
const setup = { name: 'setup', image: 'setup:1' };
const check = { name: 'check', image: 'check:1' };

interface StatusOptions {
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restarts?: number;
  readonly lastEnd?: string;
}

function containerStatus(name: string, state: object, options: StatusOptions = {}): object {
  const { ready = false, started = ready, restarts = 0, lastEnd } = options;
  return {
    name,
    image: `${name}:1`,
    imageID: '',
    ready,
    started,
    restartCount: restarts,
    state,
    ...(lastEnd && { lastState: { terminated: { exitCode: 1, finishedAt: lastEnd } } }),
  };
}

const RUNNING = { running: { startedAt: ago({ hours: 5 }) } };
const up = (name: string, options: StatusOptions = {}) =>
  containerStatus(name, RUNNING, { ready: true, ...options });
const waiting = (name: string, reason: string | undefined, options?: StatusOptions) =>
  containerStatus(name, { waiting: reason === undefined ? {} : { reason } }, options);
const ended = (name: string, end: object, options?: StatusOptions) =>
  containerStatus(name, { terminated: { exitCode: 0, ...end } }, options);

const condition = (type: string, status: string, reason?: string) => ({
  type,
  status,
  ...(reason && { reason }),
});
const READY = condition('Ready', 'True');
const INITIALIZED = condition('Initialized', 'True');

/** Pods in every state that the STATUS, READY and RESTARTS columns tell apart. */
export const oddPods: readonly OddObject[] = [
  pod('pending', { spec: { containers: [app] } }),
  pod('gated', { spec: { containers: [app], schedulingGates: [{ name: 'flotilla.io/wait' }] } }),
  pod('gated-and-more', {
    spec: { containers: [app], schedulingGates: [{ name: 'flotilla.io/wait' }] },
    status: {
      phase: 'Pending',
      conditions: [condition('PodScheduled', 'False', 'SchedulingGated'), INITIALIZED],
    },
  }),
  pod('unschedulable', {
    spec: { containers: [app] },
    status: {
      phase: 'Pending',
      conditions: [condition('PodScheduled', 'False', 'Unschedulable')],
    },
  }),
  pod('running', {
    spec: { containers: [app, log], nodeName: 'worker-1' },
    status: {
      phase: 'Running',
      podIP: '10.1.2.3',
      podIPs: [{ ip: '10.1.2.3' }, { ip: 'fd00::3' }],
      conditions: [READY, INITIALIZED],
      containerStatuses: [up('app'), up('log', { restarts: 3, lastEnd: ago({ minutes: 5 }) })],
    },
  }),
  pod('half-ready', {
    spec: { containers: [app, log] },
    status: { phase: 'Running', containerStatuses: [up('app'), up('log', { ready: false })] },
  }),
  pod('nominated', {
    spec: { containers: [app] },
    status: { phase: 'Pending', nominatedNodeName: 'worker-2' },
  }),
  pod('readiness-gates', {
    spec: {
      containers: [app],
      readinessGates: ['a.io/x', 'a.io/y', 'a.io/z'].map((conditionType) => ({ conditionType })),
    },
    status: {
      phase: 'Running',
      conditions: [condition('a.io/x', 'True'), condition('a.io/y', 'False')],
      containerStatuses: [up('app')],
    },
  }),
  pod('crash-loop', {
    spec: { containers: [app] },
    status: {
      phase: 'Running',
      containerStatuses: [
        waiting('app', 'CrashLoopBackOff', { restarts: 12, lastEnd: ago({ minutes: 2 }) }),
      ],
    },
  }),
  pod('restarted-without-a-time', {
    spec: { containers: [app] },
    status: { phase: 'Running', containerStatuses: [up('app', { restarts: 2 })] },
  }),
  pod('creating', {
    spec: { containers: [app, log] },
    status: {
      phase: 'Pending',
      containerStatuses: [waiting('app', 'ContainerCreating'), waiting('log', 'ErrImagePull')],
    },
  }),
  pod('waiting-for-nothing', {
    spec: { containers: [app] },
    status: { phase: 'Pending', containerStatuses: [waiting('app', undefined)] },
  }),
  pod('ended-by-signal', {
    spec: { containers: [app] },
    status: { phase: 'Running', containerStatuses: [ended('app', { exitCode: 137, signal: 9 })] },
  }),
  pod('ended-without-reason', {
    spec: { containers: [app] },
    status: { phase: 'Running', containerStatuses: [ended('app', { exitCode: 3 })] },
  }),
  pod('completed-and-failed', {
    spec: { containers: [app, log] },
    status: {
      phase: 'Running',
      containerStatuses: [
        ended('app', { reason: 'Completed' }),
        ended('log', { exitCode: 1, reason: 'Error' }),
      ],
    },
  }),
  pod('completed-and-running', {
    spec: { containers: [app, log] },
    status: {
      phase: 'Running',
      conditions: [INITIALIZED, condition('Ready', 'False')],
      containerStatuses: [ended('app', { reason: 'Completed' }), up('log')],
    },
  }),
  pod('completed-and-ready', {
    spec: { containers: [app, log] },
    status: {
      phase: 'Running',
      conditions: [READY],
      containerStatuses: [ended('app', { reason: 'Completed' }), up('log')],
    },
  }),
  pod('completed-failed-and-running', {
    spec: { containers: [app, log, check] },
    status: {
      phase: 'Running',
      containerStatuses: [
        ended('app', { reason: 'Completed' }),
        ended('log', { exitCode: 2, reason: 'OOMKilled' }),
        up('check'),
      ],
    },
  }),
  pod('succeeded', {
    spec: { containers: [app] },
    status: {
      phase: 'Succeeded',
      containerStatuses: [ended('app', { reason: 'Completed' })],
    },
  }),
  pod('failed', {
    spec: { containers: [app] },
    status: {
      phase: 'Failed',
      containerStatuses: [ended('app', { exitCode: 1, reason: 'Error' })],
    },
  }),
  pod('evicted', {
    spec: { containers: [app] },
    status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
  }),
  pod('unknown', { spec: { containers: [app] }, status: { phase: 'Unknown' } }),
  pod('terminating', {
    spec: { containers: [app] },
    isDeleted: true,
    status: { phase: 'Running', containerStatuses: [up('app')] },
  }),
  pod('terminating-but-done', {
    spec: { containers: [app] },
    isDeleted: true,
    status: { phase: 'Succeeded', containerStatuses: [ended('app', { reason: 'Completed' })] },
  }),
  pod('node-lost', {
    spec: { containers: [app] },
    isDeleted: true,
    status: { phase: 'Running', reason: 'NodeLost', containerStatuses: [up('app')] },
  }),
  pod('init-first', {
    spec: { containers: [app], initContainers: [setup, check] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [up('setup', { ready: false }), waiting('check', 'PodInitializing')],
      containerStatuses: [waiting('app', 'PodInitializing')],
    },
  }),
  pod('init-second', {
    spec: { containers: [app], initContainers: [setup, check] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        ended('setup', { reason: 'Completed' }, { restarts: 1, lastEnd: ago({ hours: 3 }) }),
        waiting('check', 'PodInitializing'),
      ],
      containerStatuses: [waiting('app', 'PodInitializing')],
    },
  }),
  pod('init-crash-loop', {
    spec: { containers: [app], initContainers: [setup] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        waiting('setup', 'CrashLoopBackOff', { restarts: 4, lastEnd: ago({ seconds: 100 }) }),
      ],
      containerStatuses: [waiting('app', 'PodInitializing')],
    },
  }),
  pod('init-error', {
    spec: { containers: [app], initContainers: [setup] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [ended('setup', { exitCode: 1, reason: 'Error' })],
    },
  }),
  pod('init-signal', {
    spec: { containers: [app], initContainers: [setup] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [ended('setup', { exitCode: 137, signal: 9 })],
    },
  }),
  pod('init-exit-code', {
    spec: { containers: [app], initContainers: [setup] },
    status: { phase: 'Pending', initContainerStatuses: [ended('setup', { exitCode: 5 })] },
  }),
  pod('initialized', {
    spec: { containers: [app], initContainers: [setup] },
    status: {
      phase: 'Running',
      conditions: [INITIALIZED, READY],
      initContainerStatuses: [
        ended('setup', { reason: 'Completed' }, { restarts: 7, lastEnd: ago({ days: 3 }) }),
      ],
      containerStatuses: [up('app', { restarts: 1, lastEnd: ago({ hours: 30 }) })],
    },
  }),
  pod('sidecar-ready', {
    spec: { containers: [app], initContainers: [sidecar, setup] },
    status: {
      phase: 'Running',
      conditions: [INITIALIZED, READY],
      initContainerStatuses: [
        up('mesh', { restarts: 2, lastEnd: ago({ minutes: 1 }) }),
        ended('setup', { reason: 'Completed' }),
      ],
      containerStatuses: [up('app', { restarts: 1, lastEnd: ago({ hours: 2 }) })],
    },
  }),
  pod('sidecar-started', {
    spec: { containers: [app], initContainers: [sidecar, setup] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        up('mesh', { ready: false, started: true }),
        waiting('setup', 'PodInitializing'),
      ],
      containerStatuses: [waiting('app', 'PodInitializing')],
    },
  }),
  pod('sidecar-not-started', {
    spec: { containers: [app], initContainers: [sidecar] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [up('mesh', { ready: false, started: false })],
    },
  }),
  pod('sidecar-crashed-later', {
    spec: { containers: [app], initContainers: [sidecar] },
    status: {
      phase: 'Running',
      conditions: [INITIALIZED],
      initContainerStatuses: [
        waiting('mesh', 'CrashLoopBackOff', { restarts: 5, lastEnd: ago({ minutes: 7 }) }),
      ],
      containerStatuses: [up('app')],
    },
  }),
  pod('sidecar-ended', {
    spec: { containers: [app], initContainers: [sidecar] },
    status: {
      phase: 'Running',
      conditions: [INITIALIZED],
      initContainerStatuses: [ended('mesh', { reason: 'Completed' }, { restarts: 1 })],
      containerStatuses: [up('app', { ready: false })],
    },
  }),
];
