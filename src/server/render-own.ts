import { stringify } from 'yaml';
import type { Column, OwnObject, ResourceDefinition } from '../api/index.ts';
import type { Accepted, IncludeObject } from '../kube/index.ts';
import { humanDuration } from '../printers/index.ts';

/** How one answer is to look. */
export interface Look {
  readonly accepted: Accepted;
  readonly include: IncludeObject;
  /** Milliseconds since the epoch, for ages. */
  readonly now: number;
}

export interface OwnList {
  readonly definition: ResourceDefinition<never>;
  readonly objects: readonly OwnObject[];
  readonly resourceVersion: string;
}

/** A list in the form that was asked for. */
export function renderList(list: OwnList, look: Look): object {
  const { definition, objects, resourceVersion } = list;
  const { as, version } = look.accepted;
  const metadata = { resourceVersion };
  if (as === 'Table') return table(definition, { objects, metadata, look, withColumns: true });
  if (as === 'PartialObjectMetadata') {
    const items = objects.map((object) => partial(object, version));
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${version}`,
      metadata,
      items,
    };
  }
  const { group, kind } = definition;
  const apiVersion = `${group}/${definition.version}`;
  return { kind: `${kind}List`, apiVersion, metadata, items: objects };
}

/**
 * One object in the form that was asked for.
 * @param withColumns - a watch sends a Table's columns with its first event only
 */
export function renderObject(
  definition: ResourceDefinition<never>,
  object: OwnObject,
  { look, withColumns = true }: { look: Look; withColumns?: boolean },
): object {
  const { as, version } = look.accepted;
  if (as === 'PartialObjectMetadata') return partial(object, version);
  if (as === 'Object') return object;
  const { resourceVersion } = object.metadata;
  return table(definition, { objects: [object], metadata: { resourceVersion }, look, withColumns });
}

function partial(object: OwnObject, version: string): object {
  const { metadata } = object;
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}

function table(
  { columns }: ResourceDefinition<never>,
  given: { objects: readonly OwnObject[]; metadata: object; look: Look; withColumns: boolean },
): object {
  const { objects, metadata, look, withColumns } = given;
  const rows = objects.map((object) => ({
    cells: columns.map((column) => cellOf(column, object, look.now)),
    object: included(object, look),
  }));
  const columnDefinitions = withColumns ? columns.map(columnDefinition) : [];
  const apiVersion = `meta.k8s.io/${look.accepted.version}`;
  return { kind: 'Table', apiVersion, metadata, columnDefinitions, rows };
}

function cellOf(
  { cell }: Column<never>,
  object: OwnObject,
  now: number,
): string | number | boolean {
  if (cell !== 'age') return cell(object as never);
  return humanDuration(now - Date.parse(object.metadata.creationTimestamp));
}

function columnDefinition({
  name,
  type,
  format = '',
  description,
  priority = 0,
}: Column<never>): object {
  return { name, type, format, description, priority };
}

function included(object: OwnObject, { include, accepted }: Look): object | null {
  if (include === 'None') return null;
  return include === 'Object' ? object : partial(object, accepted.version);
}

/** The text of an answer in the media type that was asked for. */
export function formatBody(value: object, mediaType: Accepted['mediaType']): string {
  if (mediaType === 'application/yaml') return stringify(value, { aliasDuplicateObjects: false });
  return `${JSON.stringify(value)}\n`;
}
