import { elapsedSince } from './age.ts';
import { kind, kindRead, type Kinds } from './kind.ts';
import { ageColumn, column, integer, nameColumn, timed, type KubernetesObject } from './printer.ts';

interface ResourceClaim extends KubernetesObject {
  readonly status?: { readonly allocation?: object; readonly reservedFor?: readonly unknown[] };
}

interface ResourceSlice extends KubernetesObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly driver?: string;
    readonly pool?: { readonly name?: string };
  };
}

interface DeviceTaintRule extends KubernetesObject {
  readonly spec?: {
    readonly taint?: {
      readonly key?: string;
      readonly value?: string;
      readonly effect?: string;
      readonly timeAdded?: string | null;
    };
  };
}

interface Pool {
  readonly totalDevices?: number;
  readonly availableDevices?: number;
  readonly allocatedDevices?: number;
  readonly unavailableDevices?: number;
  readonly validationError?: string;
}

interface ResourcePoolStatusRequest extends KubernetesObject {
  readonly spec?: { readonly driver?: string };
  readonly status?: {
    readonly poolCount?: number;
    readonly pools?: readonly Pool[];
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime?: string | null;
    }[];
  };
}

/** Devices that pods can claim. */
export const deviceKinds: Kinds = {
  'deviceclasses.resource.k8s.io': kind(() => [nameColumn(), ageColumn()]),
  'resourceclaimtemplates.resource.k8s.io': kind(() => [nameColumn(), ageColumn()]),

  'resourceclaims.resource.k8s.io': kind<ResourceClaim>(() => [
    nameColumn(),
    column('State', claimState),
    ageColumn(),
  ]),

  'resourceslices.resource.k8s.io': kind<ResourceSlice>(() => [
    nameColumn(),
    column('Node', ({ spec }) => spec?.nodeName ?? ''),
    column('Driver', ({ spec }) => spec?.driver ?? ''),
    column('Pool', ({ spec }) => spec?.pool?.name ?? ''),
    ageColumn(),
  ]),

  'devicetaintrules.resource.k8s.io': kind<DeviceTaintRule>(() => [
    nameColumn(),
    column('Key', ({ spec }) => spec?.taint?.key ?? ''),
    column('Value', ({ spec }) => spec?.taint?.value ?? ''),
    column('Effect', ({ spec }) => spec?.taint?.effect ?? ''),
    timed('TimeAdded', ({ spec }) =>
      spec?.taint?.timeAdded ? elapsedSince(spec.taint.timeAdded) : '',
    ),
    ageColumn(),
  ]),

  'resourcepoolstatusrequests.resource.k8s.io': kindRead<ReadRequest>(
    (object) => readRequest(object as ResourcePoolStatusRequest),
    [
      nameColumn(),
      column('Driver', ({ spec }) => spec?.driver ?? ''),
      column('Total', (request) => sum(request, ({ totalDevices }) => totalDevices)),
      column('Available', (request) => sum(request, ({ availableDevices }) => availableDevices)),
      column('Allocated', (request) => sum(request, ({ allocatedDevices }) => allocatedDevices)),
      column('Unavailable', (request) =>
        sum(request, ({ unavailableDevices }) => unavailableDevices),
      ),
      column('Errors', (request) =>
        sum(request, ({ validationError }) => Number(validationError !== undefined)),
      ),
      integer('Pools', ({ status }) => status?.poolCount ?? 0),
      column('Status', requestStatus),
      timed('Completed', ({ outcome }) =>
        outcome?.type === 'Complete' ? elapsedSince(outcome.lastTransitionTime) : '<none>',
      ),
    ],
  ),
};

function claimState({ metadata, status }: ResourceClaim): string {
  const isDeleted = Boolean(metadata?.deletionTimestamp);
  const isReserved = Boolean(status?.allocation && status.reservedFor?.length);
  return [
    ...(isDeleted ? ['deleted'] : []),
    ...(status?.allocation ? ['allocated'] : isDeleted ? [] : ['pending']),
    ...(isReserved ? ['reserved'] : []),
  ].join(',');
}

type Condition = NonNullable<
  NonNullable<ResourcePoolStatusRequest['status']>['conditions']
>[number];

interface ReadRequest extends ResourcePoolStatusRequest {
  /** The first condition that ends the request. */
  readonly outcome: Condition | undefined;
}

function readRequest(request: ResourcePoolStatusRequest): ReadRequest {
  const outcome = request.status?.conditions?.find(
    ({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True',
  );
  return { ...request, outcome };
}

function requestStatus({ outcome, status }: ReadRequest): string {
  if (!outcome) return 'Pending';
  const pools = status?.pools?.length ?? 0;
  const wanted = status?.poolCount ?? 0;
  const isPartial = outcome.type === 'Complete' && wanted > pools;
  return isPartial ? `Complete (${pools}/${wanted} pools)` : outcome.type;
}

/** A sum over the pools that were found; `-` as long as there is no answer. */
function sum({ outcome, status }: ReadRequest, read: (pool: Pool) => number | undefined): string {
  if (!status || outcome?.type === 'Failed') return '-';
  return (status.pools ?? []).reduce((total, pool) => total + (read(pool) ?? 0), 0).toString();
}
