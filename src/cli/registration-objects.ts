import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { parse } from 'yaml';
import type { Address } from '../config/index.ts';

/** A Kubernetes object as its manifest holds it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

export interface RegistrationOptions {
  /** PEM; what the host checks our serving certificate by. */
  readonly caBundle: string;
  /** Where the host reaches us; undefined when our pods are behind the Service. */
  readonly advertise: Address | undefined;
}

const DIRECTORY = new URL('../../apiservice/', import.meta.url);
const SERVICE = { name: 'flotilla', namespace: 'flotilla-system' } as const;

/** Every object of ours carries it: what lacks it belongs to somebody else. */
export const OWNER_LABEL = { key: 'app.kubernetes.io/part-of', value: 'flotilla' } as const;
export const NAMESPACE = SERVICE.namespace;

/** The names that the host, and others in it, know our Service by. */
export const SERVICE_NAMES: readonly string[] = [
  `${SERVICE.name}.${SERVICE.namespace}.svc`,
  `${SERVICE.name}.${SERVICE.namespace}.svc.cluster.local`,
  `${SERVICE.name}.${SERVICE.namespace}`,
];

/** What registers this server, in the order in which it is applied: the files of apiservice/, completed. */
export async function registrationObjects(options: RegistrationOptions): Promise<Manifest[]> {
  const { resources } = await readYaml<{ readonly resources: readonly string[] }>(
    'kustomization.yaml',
  );
  const manifests = await Promise.all(resources.map(async (file) => readYaml<Manifest>(file)));
  return manifests.flatMap((manifest) => completed(manifest, options));
}

/** The EndpointSlice, which stands in no file: it is there for some addresses only. */
export function endpointSlice(
  { host, port }: Address,
  labels: Manifest['metadata']['labels'],
): Manifest & Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...SERVICE, labels: { ...labels, 'kubernetes.io/service-name': SERVICE.name } },
    addressType: isIP(host) === 6 ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [host], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

function completed(manifest: Manifest, { caBundle, advertise }: RegistrationOptions): Manifest[] {
  if (manifest.kind === 'APIService') return [apiService(manifest, { caBundle, advertise })];
  if (manifest.kind !== 'Service' || !advertise) return [manifest];
  const { labels } = manifest.metadata;
  if (isIP(advertise.host) === 0) return [{ ...manifest, spec: byName(advertise) }];
  return [{ ...manifest, spec: byAddress(advertise) }, endpointSlice(advertise, labels)];
}

type Spec = Readonly<Record<string, unknown>>;

function byName({ host, port }: Address): Spec {
  return { type: 'ExternalName', externalName: host, ports: [{ name: 'https', port }] };
}

/** Without a selector: its endpoints are those that we write. */
function byAddress({ port }: Address): Spec {
  return { type: 'ClusterIP', ports: [{ name: 'https', port: 443, targetPort: port }] };
}

function apiService(manifest: Manifest, { caBundle, advertise }: RegistrationOptions): Manifest {
  // An external name is dialled with the APIService's port, whatever the Service says.
  const port = advertise && isIP(advertise.host) === 0 ? advertise.port : 443;
  return {
    ...manifest,
    spec: {
      ...manifest.spec,
      caBundle: Buffer.from(caBundle).toString('base64'),
      service: { ...SERVICE, port },
    },
  };
}

async function readYaml<T>(file: string): Promise<T> {
  return parse(await readFile(new URL(file, DIRECTORY), 'utf8')) as T;
}
