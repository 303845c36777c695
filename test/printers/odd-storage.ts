import { odd, type OddObject } from './odd-object.ts';

const volume = odd(
  { apiVersion: 'v1', kind: 'PersistentVolume', resource: 'persistentvolumes' },
  false,
);
const claim = odd({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
});
const group = 'storage.k8s.io/v1';
const storageClass = odd(
  { apiVersion: group, kind: 'StorageClass', resource: 'storageclasses' },
  false,
);
const attributesClass = odd(
  { apiVersion: group, kind: 'VolumeAttributesClass', resource: 'volumeattributesclasses' },
  false,
);
const attachment = odd(
  { apiVersion: group, kind: 'VolumeAttachment', resource: 'volumeattachments' },
  false,
);
const csiNode = odd({ apiVersion: group, kind: 'CSINode', resource: 'csinodes' }, false);
const csiDriver = odd({ apiVersion: group, kind: 'CSIDriver', resource: 'csidrivers' }, false);
const capacity = odd({
  apiVersion: group,
  kind: 'CSIStorageCapacity',
  resource: 'csistoragecapacities',
});

const nfs = { server: 'nfs', path: '/' };
const csi = { driver: 'csi.example.com', volumeHandle: 'h' };
const requests = { storage: '1536Mi' };
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** Volumes in their phases, and what provides them. */
export const oddStorage: readonly OddObject[] = [
  volume('available', {
    spec: { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], nfs },
    status: { phase: 'Available' },
  }),
  volume('bound', {
    metadata: { annotations: { [OLD_CLASS]: 'old' } },
    spec: {
      capacity: { storage: '1500M' },
      accessModes: ['ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'new',
      volumeMode: 'Block',
      volumeAttributesClassName: 'gold',
      claimRef: { namespace: 'odd', name: 'bound' },
      csi,
    },
    status: { phase: 'Bound' },
  }),
  volume('failed', {
    spec: {
      capacity: { storage: '0.5Gi' },
      accessModes: ['ReadWriteOncePod'],
      storageClassName: 'new',
      csi,
    },
    status: { phase: 'Failed', reason: 'RecycleFailed' },
  }),
  volume('terminating', {
    spec: { capacity: { storage: '1Ti' }, accessModes: ['ReadOnlyMany'], nfs },
    isDeleted: true,
    status: { phase: 'Released' },
  }),
  claim('pending', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests } } }),
  claim('bound', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests },
      volumeName: 'bound',
      storageClassName: 'new',
      volumeAttributesClassName: 'gold',
    },
    status: {
      phase: 'Bound',
      accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
      capacity: { storage: '2Gi' },
    },
  }),
  claim('bound-without-size', {
    metadata: { annotations: { [OLD_CLASS]: 'old' } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests },
      volumeName: 'gone',
      volumeMode: 'Block',
    },
    status: { phase: 'Lost' },
  }),
  claim('terminating', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests }, storageClassName: '' },
    isDeleted: true,
  }),

  storageClass('default', {
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'csi.example.com',
  }),
  storageClass('old-default', {
    metadata: { annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'csi.example.com',
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  }),
  attributesClass('gold', {
    driverName: 'csi.example.com',
    parameters: { iops: '1000' },
  }),
  attachment('attached', {
    spec: {
      attacher: 'csi.example.com',
      nodeName: 'worker-1',
      source: { persistentVolumeName: 'bound' },
    },
    status: { attached: true },
  }),
  attachment('waiting', {
    spec: {
      attacher: 'csi.example.com',
      nodeName: 'worker-2',
      source: { persistentVolumeName: 'x' },
    },
  }),
  csiNode('worker-1', {
    spec: {
      drivers: [
        { name: 'a.example.com', nodeID: '1' },
        { name: 'b.example.com', nodeID: '1' },
      ],
    },
  }),
  csiNode('worker-2', { spec: { drivers: [] } }),
  csiDriver('plain.example.com', { spec: {} }),
  csiDriver('rich.example.com', {
    spec: {
      attachRequired: false,
      podInfoOnMount: true,
      storageCapacity: true,
      requiresRepublish: true,
      tokenRequests: [{ audience: 'vault' }, { audience: '' }],
      volumeLifecycleModes: ['Persistent', 'Ephemeral'],
    },
  }),
  capacity('capacity', { storageClassName: 'new', capacity: '5Gi' }),
];
