import type { View } from '../api/index.ts';
import { stableUid } from './cluster-objects.ts';
import { ALL_VIEW, CONTROL_PLANE_VIEW } from './route.ts';

/**
 * The views that are always there: `all` merges every member, `control-plane` is this server's own
 * API.
 * @param createdAt - RFC 3339
 */
export function builtInViews(members: readonly string[], createdAt: string): View[] {
  return [
    viewObject(ALL_VIEW, { naming: 'Qualified', members, createdAt }),
    viewObject(CONTROL_PLANE_VIEW, { naming: 'Plain', members: [], createdAt }),
  ];
}

function viewObject(
  name: string,
  given: { naming: 'Qualified' | 'Plain'; members: readonly string[]; createdAt: string },
): View {
  const { naming, members, createdAt } = given;
  return {
    apiVersion: 'flotilla.io/v1alpha1',
    kind: 'View',
    metadata: {
      name,
      uid: stableUid(`views/${name}`),
      generation: 1,
      creationTimestamp: createdAt,
    },
    spec: { naming, onStale: 'Serve', access: 'Member', templates: 'Include' },
    status: { clusters: members },
  };
}
