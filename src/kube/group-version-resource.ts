/** One resource in one version; the core group is ''. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** `apps/v1/deployments`, `/v1/pods`: a key for maps. */
export function resourceKey({ group, version, resource }: GroupVersionResource): string {
  return `${group}/${version}/${resource}`;
}

/** `apps/v1`, or `v1` in the core group. */
export function groupVersionText({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `/apis/apps/v1` or `/api/v1`, without a slash at the end. */
export function groupVersionPath({ group, version }: { group: string; version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Path of a collection or, with a name, of an object; names are percent-encoded. */
export function resourcePath(
  gvr: GroupVersionResource,
  {
    namespace = '',
    name = '',
    subresource = '',
  }: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const inNamespace = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const named = name === '' ? '' : `/${encodeURIComponent(name)}`;
  const below = subresource === '' ? '' : `/${subresource}`;
  return `${groupVersionPath(gvr)}${inNamespace}/${gvr.resource}${named}${below}`;
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STABILITY = { alpha: 0, beta: 1 } as const;

/** Kubernetes' order of API versions: v2, v1, v1beta2, v1beta1, v1alpha1, then anything else by name. Best first. */
export function compareVersions(a: string, b: string): number {
  const left = rank(a);
  const right = rank(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  for (let i = 0; i < left.length; i += 1) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(version: string): number[] | undefined {
  const match = VERSION.exec(version);
  if (!match) return undefined;
  const stability = match[2] === undefined ? 2 : STABILITY[match[2] as 'alpha' | 'beta'];
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}
