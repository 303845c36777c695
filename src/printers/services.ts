import { clippedList } from './clipped-list.ts';
import { filled } from './filled.ts';
import { kind, type Kinds } from './kind.ts';
import { formatLabels } from './labels.ts';
import { ageColumn, column, nameColumn, wide, type KubernetesObject } from './printer.ts';

/** Where a load balancer is reached. */
export interface LoadBalancer {
  readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
}

interface Service extends KubernetesObject {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalIPs?: readonly string[];
    readonly externalName?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly {
      readonly port: number;
      readonly nodePort?: number;
      readonly protocol?: string;
    }[];
  };
  readonly status?: { readonly loadBalancer?: LoadBalancer };
}

interface Endpoints extends KubernetesObject {
  readonly subsets?: readonly {
    readonly addresses?: readonly { readonly ip: string }[];
    readonly ports?: readonly { readonly port: number }[];
  }[];
}

interface EndpointSlice extends KubernetesObject {
  readonly addressType?: string;
  readonly ports?: readonly { readonly port?: number; readonly name?: string }[] | null;
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[] | null;
}

/** Services and where they lead. */
export const serviceKinds: Kinds = {
  services: kind<Service>(() => [
    nameColumn(),
    column('Type', ({ spec }) => spec?.type ?? ''),
    column('Cluster-IP', ({ spec }) => filled(spec?.clusterIP, '<none>')),
    column('External-IP', externalIP),
    column('Port(s)', servicePorts),
    ageColumn(),
    ...wide<Service>(column('Selector', ({ spec }) => formatLabels(spec?.selector))),
  ]),

  endpoints: kind<Endpoints>(() => [
    nameColumn(),
    column('Endpoints', endpointAddresses),
    ageColumn(),
  ]),

  'endpointslices.discovery.k8s.io': kind<EndpointSlice>(() => [
    nameColumn(),
    column('AddressType', ({ addressType }) => addressType ?? ''),
    column('Ports', ({ ports }) => {
      const texts = (ports ?? []).map(({ port, name }) => (port ?? name ?? '*').toString());
      return clippedList(texts) || '<unset>';
    }),
    column('Endpoints', ({ endpoints }) => {
      const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []);
      return clippedList(addresses) || '<unset>';
    }),
    ageColumn(),
  ]),
};

/** The addresses of a load balancer, each once, in order, comma separated. */
export function loadBalancerAddresses(loadBalancer: LoadBalancer | undefined): string {
  const addresses = (loadBalancer?.ingress ?? []).map(({ ip, hostname }) => filled(ip, hostname));
  return [...new Set(addresses.filter((address) => address !== ''))].sort().join(',');
}

function externalIP({ spec, status }: Service): string {
  const external = (spec?.externalIPs ?? []).join(',');
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return filled(external, '<none>');
    case 'LoadBalancer':
      return filled(joined(loadBalancerAddresses(status?.loadBalancer), external), '<pending>');
    case 'ExternalName':
      return filled(spec.externalName);
    case undefined:
    default:
      return '<unknown>';
  }
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(',');
}

function servicePorts({ spec }: Service): string {
  const ports = (spec?.ports ?? []).map(({ port, nodePort = 0, protocol = '' }) =>
    nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return ports.join(',') || '<none>';
}

function endpointAddresses({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>';
  return clippedList(
    subsets.flatMap(({ addresses = [], ports = [] }) =>
      ports.length === 0
        ? addresses.map(({ ip }) => ip)
        : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
    ),
  );
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
