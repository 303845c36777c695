import { kind, type Kinds } from './kind.ts';
import { formatSelector, type LabelSelector } from './labels.ts';
import { ageColumn, column, nameColumn, nameOf, type KubernetesObject } from './printer.ts';
import { loadBalancerAddresses, type LoadBalancer } from './services.ts';

interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly rules?: readonly { readonly host?: string }[];
    readonly tls?: readonly unknown[];
  };
  readonly status?: { readonly loadBalancer?: LoadBalancer };
}

interface IngressClass extends KubernetesObject {
  readonly spec?: {
    readonly controller?: string;
    readonly parameters?: {
      readonly apiGroup?: string;
      readonly kind: string;
      readonly name: string;
    };
  };
}

interface NetworkPolicy extends KubernetesObject {
  readonly spec?: { readonly podSelector?: LabelSelector };
}

interface ServiceCIDR extends KubernetesObject {
  readonly spec?: { readonly cidrs?: readonly string[] };
}

interface IPAddress extends KubernetesObject {
  readonly spec?: {
    readonly parentRef?: {
      readonly group?: string;
      readonly resource?: string;
      readonly namespace?: string;
      readonly name?: string;
    };
  };
}

/** The networking group. */
export const networkingKinds: Kinds = {
  'ingresses.networking.k8s.io': kind<Ingress>(() => [
    nameColumn(),
    column('Class', ({ spec }) => spec?.ingressClassName ?? '<none>'),
    column('Hosts', ({ spec }) => hosts(spec?.rules ?? [])),
    column('Address', ({ status }) => loadBalancerAddresses(status?.loadBalancer)),
    column('Ports', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    ageColumn(),
  ]),

  'ingressclasses.networking.k8s.io': kind<IngressClass>((minor) => [
    nameColumn((ingressClass) => ingressClassName(ingressClass, minor)),
    column('Controller', ({ spec }) => spec?.controller ?? ''),
    column('Parameters', parameters),
    ageColumn(),
  ]),

  'networkpolicies.networking.k8s.io': kind<NetworkPolicy>(() => [
    nameColumn(),
    column('Pod-Selector', ({ spec }) => formatSelector(spec?.podSelector)),
    ageColumn(),
  ]),

  'servicecidrs.networking.k8s.io': kind<ServiceCIDR>(() => [
    nameColumn(),
    column('CIDRs', ({ spec }) => (spec?.cidrs ?? []).join(',')),
    ageColumn(),
  ]),

  'ipaddresses.networking.k8s.io': kind<IPAddress>(() => [
    nameColumn(),
    column('ParentRef', parent),
    { ...ageColumn(), isListed: false },
  ]),
};

/** The first three hosts; what more there is counts every rule, with a host or without. */
function hosts(rules: readonly { readonly host?: string }[]): string {
  const named = rules.flatMap(({ host }, index) => (host ? [{ host, index }] : []));
  const shown = named.slice(0, 3);
  const last = shown[2];
  const text = shown.map(({ host }) => host).join(',') || '*';
  return last && rules.length > last.index + 1 ? `${text} + ${rules.length - 3} more...` : text;
}

/** From 1.36 the default class says so. */
function ingressClassName(ingressClass: IngressClass, minor: number): string {
  const isDefault =
    ingressClass.metadata?.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
  return minor >= 36 && isDefault ? `${nameOf(ingressClass)} (default)` : nameOf(ingressClass);
}

function parameters({ spec }: IngressClass): string {
  if (!spec?.parameters) return '<none>';
  const { apiGroup, kind, name } = spec.parameters;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}

function parent({ spec }: IPAddress): string {
  if (!spec?.parentRef) return '<none>';
  const { group, resource = '', namespace, name = '' } = spec.parentRef;
  const groupResource = (group ? `${resource}.${group}` : resource).toLowerCase();
  return [groupResource, ...(namespace ? [namespace] : []), name].join('/');
}
