import { goCommand, isBuilt, type PartName } from './binaries.ts';

const CONTROL_PLANE: readonly PartName[] = ['etcd', 'kubernetes-1.36', 'kubernetes-1.34', 'kwok'];

/**
 * Why real clusters can't run here, or undefined when they can: pass it to `describe.skipIf`. The
 * reason is also written to standard error, once, so that a skipped suite is never a silent one.
 */
export function rigSkipReason(): string | undefined {
  if (goCommand()) return undefined;
  const missing = CONTROL_PLANE.filter((name) => !isBuilt(name));
  if (missing.length === 0) return undefined;
  const reason = `NO REAL CLUSTERS: there is no Go to build ${missing.join(', ')} with`;
  if (!wasSaid) console.error(reason);
  wasSaid = true;
  return reason;
}

let wasSaid = false;
