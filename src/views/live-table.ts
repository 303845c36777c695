import { CACHED_FROM_ANNOTATION, CLUSTER_LABEL, qualify } from '../kube/index.ts';
import { CLUSTER_COLUMN, nameColumnOf, withCluster } from './table-encoder.ts';
import type { View } from './view.ts';

interface Column {
  readonly name: string;
  readonly format: string;
}

/** A Table as a member sent it. */
export interface MemberTable {
  readonly columnDefinitions?: readonly Column[];
  readonly rows?: readonly MemberRow[];
}

interface MemberRow {
  readonly cells?: readonly unknown[];
  readonly object?: { readonly metadata?: Metadata };
}

type Metadata = Readonly<Record<string, unknown>> & {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** The columns of a merged table: a member's own, and the cluster's after the name. */
export function liveColumns(columns: readonly Column[]): unknown[] {
  return withCluster<unknown>(columns, nameColumnOf(columns), CLUSTER_COLUMN);
}

/** A member's rows under these columns (its own may stand in another order), tagged. */
export function liveRows(
  table: MemberTable,
  { columns, cluster, view }: { columns: readonly Column[]; cluster: string; view: View },
): Buffer[] {
  const own = table.columnDefinitions ?? columns;
  const nameColumn = nameColumnOf(columns);
  const places = columns.map(({ name }) => own.findIndex((column) => column.name === name));
  const show = (text: unknown): unknown =>
    view.naming === 'Qualified' && typeof text === 'string' ? qualify(text, cluster) : text;
  return (table.rows ?? []).map(({ cells = [], object, ...rest }) => {
    const picked = places.map((place) => (place < 0 ? '<none>' : cells[place]));
    picked[nameColumn] = show(picked[nameColumn]);
    const metadata = object?.metadata;
    const row = {
      ...rest,
      cells: withCluster(picked, nameColumn, cluster),
      object: metadata
        ? { ...object, metadata: tagMetadata(metadata, { cluster, name: show(metadata['name']) }) }
        : object,
    };
    return Buffer.from(JSON.stringify(row));
  });
}

function tagMetadata(
  metadata: Metadata,
  { cluster, name }: { cluster: string; name: unknown },
): Metadata {
  return {
    ...metadata,
    name,
    labels: { ...metadata.labels, [CLUSTER_LABEL]: cluster },
    annotations: { ...metadata.annotations, [CACHED_FROM_ANNOTATION]: cluster },
  };
}
