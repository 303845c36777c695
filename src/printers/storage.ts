import { kind, type Kinds } from './kind.ts';
import {
  ageColumn,
  boolean,
  column,
  integer,
  nameColumn,
  nameOf,
  wide,
  type KubernetesObject,
} from './printer.ts';

interface PersistentVolume extends KubernetesObject {
  readonly spec?: {
    readonly capacity?: { readonly storage?: string };
    readonly accessModes?: readonly string[];
    readonly persistentVolumeReclaimPolicy?: string;
    readonly claimRef?: { readonly namespace?: string; readonly name?: string };
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
  };
  readonly status?: { readonly phase?: string; readonly reason?: string };
}

interface PersistentVolumeClaim extends KubernetesObject {
  readonly spec?: {
    readonly volumeName?: string;
    readonly storageClassName?: string;
    readonly volumeAttributesClassName?: string;
    readonly volumeMode?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly capacity?: { readonly storage?: string };
    readonly accessModes?: readonly string[];
  };
}

interface StorageClass extends KubernetesObject {
  readonly provisioner?: string;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
  readonly allowVolumeExpansion?: boolean;
}

interface VolumeAttributesClass extends KubernetesObject {
  readonly driverName?: string;
}

interface VolumeAttachment extends KubernetesObject {
  readonly spec?: {
    readonly attacher?: string;
    readonly nodeName?: string;
    readonly source?: { readonly persistentVolumeName?: string };
  };
  readonly status?: { readonly attached?: boolean };
}

interface CSINode extends KubernetesObject {
  readonly spec?: { readonly drivers?: readonly unknown[] | null };
}

interface CSIDriver extends KubernetesObject {
  readonly spec?: {
    readonly attachRequired?: boolean;
    readonly podInfoOnMount?: boolean;
    readonly storageCapacity?: boolean;
    readonly requiresRepublish?: boolean;
    readonly tokenRequests?: readonly { readonly audience: string }[];
    readonly volumeLifecycleModes?: readonly string[];
  };
}

/** Volumes and what provides them. */
export const storageKinds: Kinds = {
  persistentvolumes: kind<PersistentVolume>(() => [
    nameColumn(),
    column('Capacity', ({ spec }) => spec?.capacity?.storage ?? '0'),
    column('Access Modes', ({ spec }) => accessModes(spec?.accessModes)),
    column('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    column('Status', phase),
    column('Claim', ({ spec }) =>
      spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '',
    ),
    column('StorageClass', storageClassOf),
    column('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    column('Reason', ({ status }) => status?.reason ?? ''),
    ageColumn(),
    ...wide<PersistentVolume>(column('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')),
  ]),

  persistentvolumeclaims: kind<PersistentVolumeClaim>(() => [
    nameColumn(),
    column('Status', phase),
    column('Volume', ({ spec }) => spec?.volumeName ?? ''),
    column('Capacity', ({ spec, status }) =>
      spec?.volumeName ? (status?.capacity?.storage ?? '0') : '',
    ),
    column('Access Modes', ({ spec, status }) =>
      spec?.volumeName ? accessModes(status?.accessModes) : '',
    ),
    column('StorageClass', storageClassOf),
    column('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>'),
    ageColumn(),
    ...wide<PersistentVolumeClaim>(
      column('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>'),
    ),
  ]),

  'storageclasses.storage.k8s.io': kind<StorageClass>(() => [
    nameColumn(storageClassName),
    column('Provisioner', ({ provisioner }) => provisioner ?? ''),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
    ageColumn(),
  ]),

  'volumeattributesclasses.storage.k8s.io': kind<VolumeAttributesClass>(() => [
    nameColumn(),
    column('DriverName', ({ driverName }) => driverName ?? ''),
    ageColumn(),
  ]),

  'volumeattachments.storage.k8s.io': kind<VolumeAttachment>(() => [
    nameColumn(),
    { ...column('Attacher', ({ spec }) => spec?.attacher ?? ''), format: 'name' },
    column('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
    column('Node', ({ spec }) => spec?.nodeName ?? ''),
    boolean('Attached', ({ status }) => status?.attached ?? false),
    ageColumn(),
  ]),

  'csinodes.storage.k8s.io': kind<CSINode>(() => [
    nameColumn(),
    integer('Drivers', ({ spec }) => spec?.drivers?.length ?? 0),
    ageColumn(),
  ]),

  'csidrivers.storage.k8s.io': kind<CSIDriver>(() => [
    nameColumn(),
    boolean('AttachRequired', ({ spec }) => spec?.attachRequired ?? true),
    boolean('PodInfoOnMount', ({ spec }) => spec?.podInfoOnMount ?? false),
    boolean('StorageCapacity', ({ spec }) => spec?.storageCapacity ?? false),
    column('TokenRequests', ({ spec }) =>
      spec?.tokenRequests
        ? spec.tokenRequests.map(({ audience }) => audience).join(',')
        : '<unset>',
    ),
    boolean('RequiresRepublish', ({ spec }) => spec?.requiresRepublish ?? false),
    column('Modes', ({ spec }) => (spec?.volumeLifecycleModes ?? []).join(',') || '<none>'),
    ageColumn(),
  ]),
};

const SHORT_MODES: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

function accessModes(modes: readonly string[] = []): string {
  return SHORT_MODES.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

function phase({ metadata, status }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata?.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');
}

/** The annotation is older than the field and still wins. */
function storageClassOf({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  const annotated = metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'];
  return annotated ?? spec?.storageClassName ?? '';
}

function storageClassName(storageClass: StorageClass): string {
  const annotations = storageClass.metadata?.annotations ?? {};
  const isDefault =
    annotations['storageclass.kubernetes.io/is-default-class'] === 'true' ||
    annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true';
  return isDefault ? `${nameOf(storageClass)} (default)` : nameOf(storageClass);
}
