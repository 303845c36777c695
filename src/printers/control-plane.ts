import { clippedList } from './clipped-list.ts';
import { filled } from './filled.ts';
import { kind, type Kinds } from './kind.ts';
import { ageColumn, column, nameColumn, type KubernetesObject } from './printer.ts';

interface Lease extends KubernetesObject {
  readonly spec?: { readonly holderIdentity?: string };
}

interface LeaseCandidate extends KubernetesObject {
  readonly spec?: {
    readonly leaseName?: string;
    readonly binaryVersion?: string;
    readonly emulationVersion?: string;
  };
}

interface StorageVersion extends KubernetesObject {
  readonly status?: {
    readonly commonEncodingVersion?: string;
    readonly storageVersions?: readonly {
      readonly apiServerID?: string;
      readonly encodingVersion?: string;
    }[];
  };
}

interface StorageVersionMigration extends KubernetesObject {
  readonly spec?: {
    readonly resource?: {
      readonly group?: string;
      readonly version?: string;
      readonly resource?: string;
    };
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface APIService extends KubernetesObject {
  readonly spec?: { readonly service?: { readonly namespace?: string; readonly name?: string } };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
    }[];
  };
}

/** What serves which API, and how control planes agree among themselves. */
export const controlPlaneKinds: Kinds = {
  'apiservices.apiregistration.k8s.io': kind<APIService>(() => [
    nameColumn(),
    column('Service', ({ spec }) =>
      spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
    ),
    column('Available', availability),
    ageColumn(),
  ]),

  'leases.coordination.k8s.io': kind<Lease>(() => [
    nameColumn(),
    column('Holder', ({ spec }) => spec?.holderIdentity ?? ''),
    ageColumn(),
  ]),

  'leasecandidates.coordination.k8s.io': kind<LeaseCandidate>(() => [
    nameColumn(),
    column('LeaseName', ({ spec }) => spec?.leaseName ?? ''),
    column('BinaryVersion', ({ spec }) => spec?.binaryVersion ?? ''),
    column('EmulationVersion', ({ spec }) => spec?.emulationVersion ?? ''),
    ageColumn(),
  ]),

  'storageversions.internal.apiserver.k8s.io': kind<StorageVersion>(() => [
    nameColumn(),
    column('CommonEncodingVersion', ({ status }) => status?.commonEncodingVersion ?? '<unset>'),
    column('StorageVersions', ({ status }) => {
      const versions = (status?.storageVersions ?? []).map(
        ({ apiServerID = '', encodingVersion = '' }) => `${apiServerID}=${encodingVersion}`,
      );
      return clippedList(versions) || '<unset>';
    }),
    ageColumn(),
  ]),

  'storageversionmigrations.storagemigration.k8s.io': kind<StorageVersionMigration>((minor) => [
    { ...nameColumn(), format: '' },
    column('Resource', (migration) => migratedResource(migration, minor)),
    ...(minor >= 35 ? [column('Status', migrationStatus)] : []),
  ]),
};

function availability({ status }: APIService): string {
  const available = status?.conditions?.find(({ type }) => type === 'Available');
  if (!available) return 'Unknown';
  const isExplained = available.status !== 'True' && filled(available.reason) !== '';
  return isExplained ? `${available.status} (${filled(available.reason)})` : available.status;
}

/** Until 1.34 a version belongs to what is migrated. */
function migratedResource({ spec }: StorageVersionMigration, minor: number): string {
  const { group = '', version = '', resource = '' } = spec?.resource ?? {};
  if (minor < 35) return `${resource}.${version}.${group}`;
  return group ? `${resource}.${group}` : resource;
}

function migrationStatus({ status }: StorageVersionMigration): string {
  const last = status?.conditions?.findLast(
    (condition) =>
      ['Running', 'Failed', 'Succeeded'].includes(condition.type) && condition.status === 'True',
  );
  return last?.type ?? 'Unknown';
}
