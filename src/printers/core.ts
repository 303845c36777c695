import { kind, type Kinds } from './kind.ts';
import { ageColumn, column, nameColumn, type KubernetesObject } from './printer.ts';

interface Namespace extends KubernetesObject {
  readonly status?: { readonly phase?: string };
}

interface ConfigMap extends KubernetesObject {
  readonly data?: object;
  readonly binaryData?: object;
}

interface Secret extends KubernetesObject {
  readonly type?: string;
  readonly data?: object;
}

interface ServiceAccount extends KubernetesObject {
  readonly secrets?: readonly unknown[];
}

interface ResourceQuota extends KubernetesObject {
  readonly status?: {
    readonly hard?: Readonly<Record<string, string>>;
    readonly used?: Readonly<Record<string, string>>;
  };
}

interface ComponentStatus extends KubernetesObject {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message?: string;
    readonly error?: string;
  }[];
}

/** The small kinds of the core group. */
export const coreKinds: Kinds = {
  namespaces: kind<Namespace>(() => [
    nameColumn(),
    column('Status', ({ status }) => status?.phase ?? ''),
    ageColumn(),
  ]),

  configmaps: kind<ConfigMap>(() => [
    nameColumn(),
    column('Data', ({ data, binaryData }) => sizeOf(data) + sizeOf(binaryData)),
    ageColumn(),
  ]),

  secrets: kind<Secret>(() => [
    nameColumn(),
    column('Type', ({ type }) => type ?? ''),
    column('Data', ({ data }) => sizeOf(data)),
    ageColumn(),
  ]),

  serviceaccounts: kind<ServiceAccount>((minor) => [
    nameColumn(),
    ...(minor < 35
      ? [column<ServiceAccount>('Secrets', ({ secrets }) => secrets?.length ?? 0)]
      : []),
    ageColumn(),
  ]),

  resourcequotas: kind<ResourceQuota>(() => [
    nameColumn(),
    column('Request', (quota) => usage(quota, (resource) => !isLimit(resource))),
    column('Limit', (quota) => usage(quota, isLimit)),
    ageColumn(),
  ]),

  componentstatuses: kind<ComponentStatus>(() => [
    nameColumn(),
    column('Status', (component) => {
      const health = healthOf(component);
      if (!health) return 'Unknown';
      return health.status === 'True' ? 'Healthy' : 'Unhealthy';
    }),
    column('Message', (component) => healthOf(component)?.message ?? ''),
    column('Error', (component) => healthOf(component)?.error ?? ''),
  ]),
};

function sizeOf(map: object | undefined): number {
  return Object.keys(map ?? {}).length;
}

function isLimit(resource: string): boolean {
  return resource.startsWith('limits.');
}

function usage({ status }: ResourceQuota, isWanted: (resource: string) => boolean): string {
  return Object.entries(status?.hard ?? {})
    .filter(([resource]) => isWanted(resource))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, hard]) => `${resource}: ${status?.used?.[resource] ?? '0'}/${hard}`)
    .join(', ');
}

type Health = NonNullable<ComponentStatus['conditions']>[number];

function healthOf({ conditions }: ComponentStatus): Health | undefined {
  return conditions?.find(({ type }) => type === 'Healthy');
}
