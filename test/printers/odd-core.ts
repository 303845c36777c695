import { ago, microsAgo, odd, type OddObject } from './odd-object.ts';

const namespace = odd({ apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces' }, false);
const node = odd({ apiVersion: 'v1', kind: 'Node', resource: 'nodes' }, false);
const configMap = odd({ apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps' });
const secret = odd({ apiVersion: 'v1', kind: 'Secret', resource: 'secrets' });
const account = odd({ apiVersion: 'v1', kind: 'ServiceAccount', resource: 'serviceaccounts' });
const quota = odd({ apiVersion: 'v1', kind: 'ResourceQuota', resource: 'resourcequotas' });
const limits = odd({ apiVersion: 'v1', kind: 'LimitRange', resource: 'limitranges' });
const event = odd({ apiVersion: 'v1', kind: 'Event', resource: 'events' });
const newEvent = odd({ apiVersion: 'events.k8s.io/v1', kind: 'Event', resource: 'events' });
const runtimeClass = odd(
  { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', resource: 'runtimeclasses' },
  false,
);

const involvedObject = { kind: 'Pod', namespace: 'odd', name: 'running', apiVersion: 'v1' };

const nodeInfo = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  operatingSystem: 'linux',
  kubeProxyVersion: '',
  kernelVersion: '6.1.0-odd',
  osImage: 'Odd Linux 12',
  containerRuntimeVersion: 'containerd://2.1.0',
  kubeletVersion: 'v1.36.0',
  architecture: 'arm64',
};

/** Namespaces, nodes, events and the small kinds. */
export const oddCore: readonly OddObject[] = [
  namespace('going', { spec: { finalizers: ['kubernetes'] }, isDeleted: true }),

  node('bare', {}),
  node('worker-1', {
    metadata: {
      labels: {
        'node-role.kubernetes.io/worker': '',
        'node-role.kubernetes.io/gpu': 'yes',
        'kubernetes.io/role': 'edge',
      },
    },
    spec: { unschedulable: true },
    status: {
      nodeInfo,
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [
        { type: 'Hostname', address: 'worker-1' },
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'InternalIP', address: '10.0.0.2' },
        { type: 'ExternalIP', address: '192.0.2.7' },
      ],
    },
  }),
  node('worker-2', {
    metadata: { labels: { 'kubernetes.io/role': '' } },
    status: {
      nodeInfo: { ...nodeInfo, architecture: '', osImage: '', containerRuntimeVersion: '' },
      conditions: [
        { type: 'Ready', status: 'Unknown' },
        { type: 'MemoryPressure', status: 'True' },
      ],
    },
  }),

  configMap('full', { data: { a: '1', b: '2' }, binaryData: { c: 'AA==' } }),
  configMap('empty', {}),
  secret('full', { type: 'flotilla.io/odd', data: { a: 'AA==' }, stringData: { b: 'x' } }),
  secret('empty', {}),
  account('default', { secrets: [{ name: 'one' }, { name: 'two' }] }),
  event('counted', {
    involvedObject: { ...involvedObject, fieldPath: 'spec.containers{app}' },
    reason: 'BackOff',
    message: '  Back-off restarting failed container\n\n',
    source: { component: 'kubelet', host: 'worker-1' },
    firstTimestamp: ago({ hours: 3, minutes: 3 }),
    lastTimestamp: ago({ minutes: 4, seconds: 20 }),
    count: 17,
    type: 'Warning',
  }),
  event('no-source', {
    involvedObject,
    reason: 'Odd',
    message: '',
    firstTimestamp: ago({ days: 3, hours: 3 }),
    type: 'Normal',
  }),
  event('no-times', { involvedObject, reason: 'Odd', message: 'when?', type: 'Normal' }),
  event('nameless', {
    involvedObject: { kind: 'Node', namespace: 'odd' },
    reason: 'Odd',
    message: 'about nothing',
    source: { component: 'odd' },
    count: 0,
    lastTimestamp: ago({ seconds: 119 }),
    type: 'Normal',
  }),
  newEvent('series', {
    regarding: involvedObject,
    reason: 'Series',
    action: 'Act',
    note: 'Seen again and again',
    type: 'Normal',
    eventTime: microsAgo({ hours: 9 }),
    series: { count: 41, lastObservedTime: microsAgo({ minutes: 9, seconds: 59 }) },
    reportingController: 'flotilla.io/odd',
    reportingInstance: 'odd-1',
  }),
  newEvent('single', {
    regarding: { ...involvedObject, fieldPath: 'spec' },
    reason: 'Single',
    action: 'Act',
    note: 'Seen once',
    type: 'Warning',
    eventTime: microsAgo({ days: 9 }),
    reportingController: 'flotilla.io/odd',
    reportingInstance: 'odd-1',
  }),

  runtimeClass('fast', { handler: 'fast' }),
];

/** What would keep other objects out: to be put last. */
export const oddLimits: readonly OddObject[] = [
  limits('limits', {
    spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '2Ti' } }] },
  }),

  quota('counted', {
    spec: { hard: { 'limits.cpu': '4' } },
    status: {
      hard: {
        'requests.cpu': '4',
        'limits.memory': '8Gi',
        'limits.cpu': '4500m',
        pods: '10',
        'count/deployments.apps': '5',
        'requests.storage': '1Ti',
      },
      used: { pods: '3', 'limits.cpu': '100m', 'requests.cpu': '1500m' },
    },
  }),
  quota('uncounted', { spec: { hard: { pods: '1' } } }),
];
