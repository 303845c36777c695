import { referencesOf, type Reference } from '../../src/kube/index.ts';

/** An object as JSON.parse or lossless-json reads it. */
export type Tree = Record<string, unknown>;

export interface Served {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly cluster: string;
  /** The resourceVersion to show. */
  readonly ours: string;
}

/** What a view does to a member's object before it shows it, said as plainly as can be: the oracle. */
export function serve(object: Tree, { group, resource, subresource, cluster, ours }: Served): Tree {
  const served = structuredClone(object);
  const metadata = served['metadata'] as Tree;
  const theirs = metadata['resourceVersion'] as string | undefined;
  metadata['name'] = `${String(metadata['name'])}@${cluster}`;
  metadata['labels'] = {
    ...(metadata['labels'] as Tree | undefined),
    'flotilla.io/cluster': cluster,
  };
  metadata['annotations'] = {
    ...(metadata['annotations'] as Tree | undefined),
    'resource.karmada.io/cached-from-cluster': cluster,
    ...(theirs !== undefined && { 'flotilla.io/resource-version': theirs }),
  };
  if (theirs !== undefined) metadata['resourceVersion'] = ours;
  for (const { path, form } of referencesOf(group, resource, subresource)) {
    tag(served, path, (value) => tagReference(value, form, cluster));
  }
  return served;
}

function tag(node: unknown, path: readonly string[], change: (value: unknown) => unknown): void {
  const [key = '', ...rest] = path;
  if (key === '*') {
    if (Array.isArray(node)) for (const each of node) tag(each, rest, change);
    return;
  }
  if (!isTree(node) || !Object.hasOwn(node, key)) return;
  if (rest.length === 0) node[key] = change(node[key]);
  else tag(node[key], rest, change);
}

function tagReference(value: unknown, form: Reference['form'], cluster: string): unknown {
  const label = { 'flotilla.io/cluster': cluster };
  switch (form) {
    case 'name':
      return typeof value === 'string' && value !== '' ? `${value}@${cluster}` : value;
    case 'labelMap':
      return isTree(value) && Object.keys(value).length > 0 ? { ...value, ...label } : value;
    case 'labelSelector':
      return isTree(value)
        ? { ...value, matchLabels: { ...(value['matchLabels'] as Tree | undefined), ...label } }
        : value;
    case 'selectorText':
      return typeof value === 'string' && value !== ''
        ? `${value},flotilla.io/cluster=${cluster}`
        : value;
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
