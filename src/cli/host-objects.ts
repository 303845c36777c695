import { callHost, type Host } from '../identity/index.ts';
import { toStatusError } from '../kube/index.ts';
import type { Manifest } from './registration-objects.ts';

const FIELD_MANAGER = 'flotilla';

/** The kinds that register us → their resource. */
const RESOURCES: Readonly<Record<string, string>> = {
  APIService: 'apiservices',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  EndpointSlice: 'endpointslices',
  Namespace: 'namespaces',
  RoleBinding: 'rolebindings',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
};

/** Such as `APIService v1alpha1.flotilla.io`. */
export function nameOf({ kind, metadata: { name, namespace } }: Manifest): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** How the host's rights name a manifest's resource. */
export function resourceOf({ apiVersion, kind }: Manifest): { group: string; resource: string } {
  const [group = '', version] = apiVersion.split('/');
  return { group: version === undefined ? '' : group, resource: RESOURCES[kind] ?? '' };
}

/** Where an object is at the host. */
export function pathOf(manifest: Manifest): string {
  const { apiVersion, metadata } = manifest;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${scope}/${resourceOf(manifest).resource}/${encodeURIComponent(metadata.name)}`;
}

/** The object as the host has it; undefined when it has none. */
export async function readFromHost(host: Host, manifest: Manifest): Promise<Manifest | undefined> {
  return ifThere(async () => callHost<Manifest>(host, { method: 'GET', path: pathOf(manifest) }));
}

/** Makes the object what the manifest says; fields that it does not speak of are left to others. */
export async function applyToHost(host: Host, manifest: Manifest): Promise<void> {
  await callHost(host, {
    method: 'PATCH',
    path: `${pathOf(manifest)}?fieldManager=${FIELD_MANAGER}&force=true`,
    contentType: 'application/apply-patch+yaml',
    body: manifest,
  });
}

/** @returns whether there was something to delete */
export async function deleteFromHost(host: Host, manifest: Manifest): Promise<boolean> {
  const call = {
    method: 'DELETE',
    path: `${pathOf(manifest)}?propagationPolicy=Background`,
  } as const;
  return (await ifThere(async () => callHost<object>(host, call))) !== undefined;
}

/** Whether an object says all that the manifest says, whatever it says besides. */
export function holds(object: unknown, manifest: unknown): boolean {
  if (Array.isArray(manifest)) {
    return (
      Array.isArray(object) &&
      object.length === manifest.length &&
      manifest.every((item, index) => holds(object[index], item))
    );
  }
  if (typeof manifest !== 'object' || manifest === null) return object === manifest;
  if (typeof object !== 'object' || object === null) return false;
  const fields = object as Readonly<Record<string, unknown>>;
  return Object.entries(manifest).every(([name, value]) => holds(fields[name], value));
}

async function ifThere<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (thrown) {
    const error = toStatusError(thrown);
    if (error.reason === 'NotFound') return undefined;
    throw error;
  }
}
