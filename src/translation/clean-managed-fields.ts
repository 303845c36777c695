import { CACHED_FROM_ANNOTATION, CLUSTER_LABEL, MEMBER_VERSION_ANNOTATION } from '../kube/index.ts';
import { walk, type BodyNode } from './body-node.ts';
import { dropKeys, type Cleaning } from './cleaning.ts';
import { writtenReferences } from './written-references.ts';

const OWNED_METADATA = [
  { path: ['metadata', 'labels'], keys: [CLUSTER_LABEL] },
  {
    path: ['metadata', 'annotations'],
    keys: [CACHED_FROM_ANNOTATION, MEMBER_VERSION_ANNOTATION],
  },
];

/** No manager can own a tag: no member has one. */
export function cleanManagedFields(metadata: BodyNode, cleaning: Cleaning): void {
  // In protobuf the JSON text is one level further down.
  const sets = walk(metadata, ['managedFields', '*', 'fieldsV1']).flatMap((fields) => [
    fields,
    ...fields.fields('Raw'),
  ]);
  if (sets.length === 0) return;
  const owned = [...OWNED_METADATA, ...ownedSelectors(cleaning)];
  for (const set of sets) {
    for (const { path, keys } of owned) cleanSet(set, { path, keys }, cleaning);
  }
}

function ownedSelectors({ target }: Cleaning): typeof OWNED_METADATA {
  return writtenReferences(target).flatMap(({ path, form }) => {
    if (form === 'labelMap') return [{ path: [...path], keys: [CLUSTER_LABEL] }];
    if (form !== 'labelSelector') return [];
    return [{ path: [...path, 'matchLabels'], keys: [CLUSTER_LABEL] }];
  });
}

function cleanSet(
  set: BodyNode,
  { path, keys }: { path: readonly string[]; keys: readonly string[] },
  cleaning: Cleaning,
): void {
  const steps = path.map(fieldKey);
  for (const parent of walk(set, steps.slice(0, -1))) {
    dropKeys(parent, { map: steps.at(-1) ?? '', keys: keys.map(fieldKey) }, cleaning);
  }
}

function fieldKey(name: string): string {
  return `f:${name}`;
}
