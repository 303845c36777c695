import { clusterDefinition } from './cluster.ts';
import { proxyingDefinition } from './proxying.ts';
import type { ResourceDefinition } from './resource-definition.ts';
import { viewDefinition } from './view.ts';

/** Every kind of ours. A new kind is one file and one line here. */
export const OWN_DEFINITIONS: readonly ResourceDefinition<never>[] = [
  clusterDefinition,
  viewDefinition,
  proxyingDefinition,
];

export interface OwnGroupVersion {
  readonly group: string;
  readonly version: string;
  readonly definitions: readonly ResourceDefinition<never>[];
}

/** The kinds of ours by group and version, in the order of the table above. */
export function ownGroupVersions(
  definitions: readonly ResourceDefinition<never>[] = OWN_DEFINITIONS,
): OwnGroupVersion[] {
  const byKey = new Map<string, ResourceDefinition<never>[]>();
  for (const definition of definitions) {
    const key = `${definition.group}/${definition.version}`;
    byKey.set(key, [...(byKey.get(key) ?? []), definition]);
  }
  return [...byKey].map(([key, kinds]) => {
    const [group = '', version = ''] = key.split('/');
    return { group, version, definitions: kinds };
  });
}
