/** A Kubernetes release, as numbers. */
export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

const PATTERN = /^v?(\d+)\.(\d+)(?:\.(\d+))?/;

/** Reads `v1.36.3`, `v1.34.4-gke.100` and the like; zeros, older than all, when it can't be read. */
export function parseKubernetesVersion(gitVersion: string | undefined): KubernetesVersion {
  const match = PATTERN.exec(gitVersion ?? '');
  return {
    major: Number(match?.[1] ?? 0),
    minor: Number(match?.[2] ?? 0),
    patch: Number(match?.[3] ?? 0),
  };
}

/** Newest first; equal versions by name. */
export function compareNewestFirst(
  a: { readonly name: string; readonly version: KubernetesVersion },
  b: { readonly name: string; readonly version: KubernetesVersion },
): number {
  return (
    b.version.major - a.version.major ||
    b.version.minor - a.version.minor ||
    b.version.patch - a.version.patch ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}
