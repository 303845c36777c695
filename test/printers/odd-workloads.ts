import { ago, odd, type OddObject } from './odd-object.ts';

const deployment = odd({ apiVersion: 'apps/v1', kind: 'Deployment', resource: 'deployments' });
const replicaSet = odd({ apiVersion: 'apps/v1', kind: 'ReplicaSet', resource: 'replicasets' });
const statefulSet = odd({ apiVersion: 'apps/v1', kind: 'StatefulSet', resource: 'statefulsets' });
const daemonSet = odd({ apiVersion: 'apps/v1', kind: 'DaemonSet', resource: 'daemonsets' });
const revision = odd({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
});
const replicationController = odd({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
});
const podTemplate = odd({ apiVersion: 'v1', kind: 'PodTemplate', resource: 'podtemplates' });
const job = odd({ apiVersion: 'batch/v1', kind: 'Job', resource: 'jobs' });
const cronJob = odd({ apiVersion: 'batch/v1', kind: 'CronJob', resource: 'cronjobs' });

const labels = { app: 'odd', tier: 'back' };
const containers = [
  { name: 'app', image: 'registry.example/app:1' },
  { name: 'log', image: 'log' },
];
const template = { metadata: { labels }, spec: { containers } };
const plain = { selector: { matchLabels: { app: 'odd' } }, template };
const rich = {
  selector: {
    matchLabels: labels,
    matchExpressions: [
      { key: 'zone', operator: 'DoesNotExist' },
      { key: 'app', operator: 'Exists' },
      { key: 'tier', operator: 'In', values: ['front', 'back'] },
      { key: 'phase', operator: 'NotIn', values: ['test'] },
    ],
  },
  template,
};

const jobTemplate = { spec: { containers, restartPolicy: 'Never' } };
const start = { startTime: ago({ hours: 4 }) };
const condition = (type: string, status = 'True') => ({
  type,
  status,
  lastProbeTime: ago({ hours: 1 }),
  lastTransitionTime: ago({ hours: 1 }),
});
const owner = (apiVersion: string, kind: string, controller: boolean) => ({
  apiVersion,
  kind,
  name: 'parent',
  uid: `uid-of-${kind}`,
  controller,
});

/** Workloads with and without selectors of every operator, jobs in every state. */
export const oddWorkloads: readonly OddObject[] = [
  deployment('new', { spec: plain }),
  deployment('scaled', {
    spec: { ...rich, replicas: 5 },
    status: { replicas: 5, updatedReplicas: 4, readyReplicas: 3, availableReplicas: 2 },
  }),
  deployment('none', { spec: { ...plain, replicas: 0 } }),
  replicaSet('new', { spec: plain }),
  replicaSet('scaled', {
    spec: { ...rich, replicas: 5 },
    status: { replicas: 4, readyReplicas: 3, fullyLabeledReplicas: 2, availableReplicas: 1 },
  }),
  statefulSet('new', { spec: { ...plain, serviceName: 'new' } }),
  statefulSet('scaled', {
    spec: { ...rich, replicas: 3, serviceName: 'scaled' },
    status: { replicas: 3, readyReplicas: 2, currentReplicas: 1 },
  }),
  daemonSet('new', { spec: plain }),
  daemonSet('counted', {
    spec: {
      ...rich,
      template: { ...template, spec: { containers, nodeSelector: { disk: 'ssd', arch: 'x' } } },
    },
    status: {
      desiredNumberScheduled: 6,
      currentNumberScheduled: 5,
      numberReady: 4,
      updatedNumberScheduled: 3,
      numberAvailable: 2,
      numberMisscheduled: 1,
    },
  }),
  revision('owned', {
    metadata: {
      ownerReferences: [owner('v1', 'ConfigMap', false), owner('apps/v1', 'DaemonSet', true)],
    },
    revision: 7,
    data: {},
  }),
  revision('owned-by-core', {
    metadata: { ownerReferences: [owner('v1', 'ReplicationController', true)] },
    revision: 0,
    data: {},
  }),
  revision('orphan', { revision: 123456789, data: {} }),
  replicationController('new', { spec: { selector: labels, template } }),
  replicationController('scaled', {
    spec: { replicas: 4, template },
    status: { replicas: 3, readyReplicas: 2 },
  }),
  podTemplate('labelled', { template }),
  podTemplate('bare', { template: { metadata: { labels: {} }, spec: { containers } } }),

  job('new', { spec: { template: jobTemplate } }),
  job('parallel', { spec: { template: jobTemplate, parallelism: 4 }, status: { ...start } }),
  job('stopped', { spec: { template: jobTemplate, parallelism: 0 } }),
  job('running', {
    spec: { template: jobTemplate, completions: 5, parallelism: 2 },
    status: { ...start, active: 2, succeeded: 2, ready: 1, uncountedTerminatedPods: {} },
  }),
  job('suspended', {
    spec: { template: jobTemplate, suspend: true },
    status: { conditions: [condition('Suspended')] },
  }),
  job('resumed', {
    spec: { template: jobTemplate },
    status: { ...start, conditions: [condition('Suspended', 'False')] },
  }),
  job('complete', {
    spec: { template: jobTemplate },
    status: {
      ...start,
      completionTime: ago({ hours: 1, minutes: 25 }),
      succeeded: 1,
      uncountedTerminatedPods: {},
      conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
    },
  }),
  job('met', {
    spec: { template: jobTemplate },
    status: { ...start, conditions: [condition('SuccessCriteriaMet')] },
  }),
  job('failing', {
    spec: { template: jobTemplate },
    status: { ...start, conditions: [condition('FailureTarget')] },
  }),
  job('failed', {
    spec: { template: jobTemplate },
    status: {
      ...start,
      failed: 3,
      uncountedTerminatedPods: {},
      conditions: [condition('FailureTarget'), condition('Failed')],
    },
  }),
  job('terminating', { spec: { template: jobTemplate }, isDeleted: true, status: { ...start } }),

  cronJob('new', {
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: jobTemplate } } },
  }),
  cronJob('busy', {
    spec: {
      schedule: '@daily',
      timeZone: 'Europe/Amsterdam',
      suspend: true,
      jobTemplate: {
        spec: { template: jobTemplate },
      },
    },
    status: {
      active: [
        { kind: 'Job', name: 'a' },
        { kind: 'Job', name: 'b' },
      ],
      lastScheduleTime: ago({ days: 2, hours: 5 }),
    },
  }),
];
