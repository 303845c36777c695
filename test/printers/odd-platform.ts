import { ago, odd, type OddObject } from './odd-object.ts';

const leaseCandidate = odd({
  apiVersion: 'coordination.k8s.io/v1beta1',
  kind: 'LeaseCandidate',
  resource: 'leasecandidates',
});
const dra = 'resource.k8s.io/v1';
const claim = odd({ apiVersion: dra, kind: 'ResourceClaim', resource: 'resourceclaims' });
const claimTemplate = odd({
  apiVersion: dra,
  kind: 'ResourceClaimTemplate',
  resource: 'resourceclaimtemplates',
});
const deviceClass = odd({ apiVersion: dra, kind: 'DeviceClass', resource: 'deviceclasses' }, false);
const slice = odd({ apiVersion: dra, kind: 'ResourceSlice', resource: 'resourceslices' }, false);
const taintRule = odd(
  {
    apiVersion: 'resource.k8s.io/v1alpha3',
    kind: 'DeviceTaintRule',
    resource: 'devicetaintrules',
  },
  false,
);
const poolStatus = odd(
  {
    apiVersion: 'resource.k8s.io/v1alpha3',
    kind: 'ResourcePoolStatusRequest',
    resource: 'resourcepoolstatusrequests',
  },
  false,
);
const migration = (apiVersion: string) =>
  odd({ apiVersion, kind: 'StorageVersionMigration', resource: 'storageversionmigrations' }, false);
const oldMigration = migration('storagemigration.k8s.io/v1alpha1');
const newMigration = migration('storagemigration.k8s.io/v1beta1');
const storageVersion = odd(
  {
    apiVersion: 'internal.apiserver.k8s.io/v1alpha1',
    kind: 'StorageVersion',
    resource: 'storageversions',
  },
  false,
);
const workload = odd({
  apiVersion: 'scheduling.k8s.io/v1alpha2',
  kind: 'Workload',
  resource: 'workloads',
});
const podGroup = odd({
  apiVersion: 'scheduling.k8s.io/v1alpha2',
  kind: 'PodGroup',
  resource: 'podgroups',
});

const devices = { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] };
const allocation = {
  devices: {
    results: [{ request: 'gpu', driver: 'gpu.example.com', pool: 'p', device: 'd' }],
  },
};
const condition = (type: string, status = 'True', reason = 'Odd') => ({
  type,
  status,
  reason,
  message: 'odd',
  lastTransitionTime: ago({ minutes: 3 }),
});
const pool = { poolName: 'p', generation: 1, resourceSliceCount: 1 };
const encoding = (apiServerID: string) => ({
  apiServerID,
  encodingVersion: 'v1',
  decodableVersions: ['v1'],
  servedVersions: ['v1'],
});

/** Devices, certificates, migrations and what is not served unless asked for. */
export const oddPlatform: readonly OddObject[] = [
  leaseCandidate('candidate', {
    spec: {
      leaseName: 'kube-scheduler',
      binaryVersion: '1.36.0',
      emulationVersion: '1.35.0',
      strategy: 'OldestEmulationVersion',
    },
  }),
  claim('pending', { spec: { devices } }),
  claim('allocated', { spec: { devices }, status: { allocation } }),
  claim('reserved', {
    spec: { devices },
    status: { allocation, reservedFor: [{ resource: 'pods', name: 'running', uid: 'u' }] },
  }),
  claim('deleted', { spec: { devices }, isDeleted: true }),
  claim('deleted-allocated', { spec: { devices }, isDeleted: true, status: { allocation } }),
  claimTemplate('template', { spec: { spec: { devices } } }),
  deviceClass('gpu', { spec: {} }),
  slice('local', {
    spec: {
      nodeName: 'worker-1',
      driver: 'gpu.example.com',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'd' }],
    },
  }),
  slice('network', {
    spec: {
      allNodes: true,
      driver: 'net.example.com',
      pool: { name: 'q', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'd' }],
    },
  }),
  taintRule('broken', {
    spec: {
      deviceSelector: { driver: 'gpu.example.com' },
      taint: {
        key: 'example.com/broken',
        value: 'yes',
        effect: 'NoExecute',
        timeAdded: ago({ hours: 20 }),
      },
    },
  }),
  poolStatus('pending', { minors: [36, 99], spec: { driver: 'gpu.example.com' } }),
  poolStatus('complete', {
    minors: [36, 99],
    spec: { driver: 'gpu.example.com' },
    status: {
      poolCount: 3,
      pools: [
        {
          ...pool,
          driver: 'gpu.example.com',
          totalDevices: 4,
          availableDevices: 2,
          allocatedDevices: 1,
          unavailableDevices: 1,
        },
        { ...pool, poolName: 'q', driver: 'gpu.example.com', validationError: 'incomplete' },
      ],
      conditions: [condition('Complete')],
    },
  }),
  poolStatus('failed', {
    minors: [36, 99],
    spec: { driver: 'gpu.example.com' },
    status: { poolCount: 0, conditions: [condition('Failed')] },
  }),
  oldMigration('versioned', {
    minors: [0, 34],
    spec: { resource: { group: 'apps', version: 'v1', resource: 'deployments' } },
  }),
  newMigration('apps', {
    minors: [35, 99],
    spec: { resource: { group: 'apps', resource: 'deployments' } },
    status: {
      resourceVersion: '7',
      conditions: [condition('Running', 'False'), condition('Succeeded')],
    },
  }),
  newMigration('core', { minors: [35, 99], spec: { resource: { group: '', resource: 'pods' } } }),
  storageVersion('example.com.things', {
    spec: {},
    status: {
      commonEncodingVersion: 'v1',
      storageVersions: ['a', 'b', 'c', 'd', 'e'].map(encoding),
    },
  }),
  storageVersion('example.com.none', { spec: {} }),
  workload('group', {
    minors: [36, 99],
    spec: { podGroupTemplates: [{ name: 'g', schedulingPolicy: { basic: {} } }] },
  }),
  podGroup('basic', { minors: [36, 99], spec: { schedulingPolicy: { basic: {} } } }),
  podGroup('gang', {
    minors: [36, 99],
    spec: {
      schedulingPolicy: { gang: { minCount: 3 } },
      podGroupTemplateRef: { workload: { workloadName: 'group', podGroupTemplateName: 'g' } },
    },
    status: { conditions: [condition('PodGroupScheduled')] },
  }),
  podGroup('unschedulable', {
    minors: [36, 99],
    spec: { schedulingPolicy: { basic: {} } },
    status: { conditions: [condition('PodGroupScheduled', 'False')] },
  }),
  podGroup('disrupted', {
    minors: [36, 99],
    spec: { schedulingPolicy: { basic: {} } },
    status: {
      conditions: [
        condition('PodGroupScheduled'),
        condition('DisruptionTarget', 'True', 'Preempted'),
      ],
    },
  }),
];
