import type { StoredObject } from '../informers/index.ts';
import { CLUSTERS_ANNOTATION, qualify, type IncludeObject } from '../kube/index.ts';
import { readPaths } from '../bytes/index.ts';
import {
  renderElapsed,
  type Cell,
  type ColumnDefinition,
  type Printer,
  type Row,
} from '../printers/index.ts';
import {
  bookmarkFrame,
  bookmarkMetadata,
  frame,
  joinList,
  listMetadata,
  type Encoder,
} from './encoder.ts';
import type { KindInView } from './kinds.ts';

export interface TableOptions {
  readonly printer: Printer;
  /** Of meta.k8s.io: `v1` or `v1beta1`. */
  readonly version: string;
  readonly includeObject: IncludeObject;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Follows the column that holds the name. */
export const CLUSTER_COLUMN: ColumnDefinition = {
  name: 'Cluster',
  type: 'string',
  format: '',
  description: 'The member cluster that holds the object.',
  priority: 0,
};

const CLUSTERS: readonly (readonly string[])[] = [['metadata', 'annotations', CLUSTERS_ANNOTATION]];

/**
 * Table rows: the kind's own columns as the member would print them, the name as it can be typed
 * back, and the cluster after it. The only place on the read path where objects are parsed.
 */
export function tableEncoder(kind: KindInView, options: TableOptions): Encoder {
  const { printer, version } = options;
  const nameColumn = nameColumnOf(printer.columns);
  const columns = JSON.stringify(withCluster([...printer.columns], nameColumn, CLUSTER_COLUMN));
  const apiVersion = `meta.k8s.io/${version}`;
  const row = (object: StoredObject): Buffer => encodeRow(kind, object, { ...options, nameColumn });
  const table = (metadata: string, definitions: string, rows: string): Buffer =>
    Buffer.from(
      `{"kind":"Table","apiVersion":"${apiVersion}","metadata":${metadata},"columnDefinitions":${definitions},"rows":[${rows}]}`,
    );
  let isFirstEvent = true;
  const definitionsOnce = (): string => {
    const definitions = isFirstEvent ? columns : 'null';
    isFirstEvent = false;
    return definitions;
  };
  const oneRow = (object: StoredObject, definitions: string): Buffer =>
    table(
      JSON.stringify({ resourceVersion: String(object.version) }),
      definitions,
      row(object).toString(),
    );
  return {
    list: (page) =>
      joinList(
        `{"kind":"Table","apiVersion":"${apiVersion}","metadata":${listMetadata(page)},"columnDefinitions":${columns},"rows":[`,
        page.objects.values().map(row),
      ),
    one: (object) => Buffer.concat([oneRow(object, columns), Buffer.from('\n')]),
    event: (type, object) => frame(type, oneRow(object, definitionsOnce())),
    bookmark: (rv, ends) => {
      const metadata = bookmarkMetadata(rv, ends);
      const object = { kind: 'PartialObjectMetadata', apiVersion, metadata };
      return bookmarkFrame({
        kind: 'Table',
        apiVersion,
        metadata: { resourceVersion: String(rv) },
        columnDefinitions: JSON.parse(definitionsOnce()) as unknown,
        rows: [{ cells: printer.columns.map(() => '').concat(''), object }],
      });
    },
  };
}

/** Index of the column that holds the name; the first one where none says so. */
export function nameColumnOf(columns: readonly { readonly format: string }[]): number {
  return Math.max(
    0,
    columns.findIndex(({ format }) => format === 'name'),
  );
}

/** Puts something behind the name. */
export function withCluster<T>(cells: readonly T[], nameColumn: number, cluster: T): T[] {
  return cells.toSpliced(nameColumn + 1, 0, cluster);
}

function encodeRow(
  kind: KindInView,
  object: StoredObject,
  { printer, nameColumn, includeObject, version, now }: TableOptions & { nameColumn: number },
): Buffer {
  const rendering = kind.renderer.render(object);
  const row = rowOf(printer, object, now());
  const shown: Cell[] = [...row.cells];
  for (const timed of row.timed) shown[timed.index] = renderElapsed(timed, now());
  if (shown.length > nameColumn) shown[nameColumn] = nameCell(kind, object, shown[nameColumn]);
  const cells = JSON.stringify(withCluster(shown, nameColumn, shownCluster(kind, object)));
  const parts = [`{"cells":${cells}`];
  if (row.conditions && row.conditions.length > 0) {
    parts.push(`,"conditions":${JSON.stringify(row.conditions)}`);
  }
  if (includeObject === 'None') parts.push(',"object":null');
  if (includeObject === 'Object') parts.push(',"object":', rendering.whole().toString());
  if (includeObject === 'Metadata') {
    const head = `,"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`;
    parts.push(head, rendering.metadata().toString(), '}');
  }
  return Buffer.from(`${parts.join('')}}`);
}

/** Rows are made once per version of an object; only what depends on the time is rendered anew. */
const rows = new WeakMap<Printer, WeakMap<StoredObject, Row>>();

function rowOf(printer: Printer, object: StoredObject, nowMs: number): Row {
  let known = rows.get(printer);
  if (!known) rows.set(printer, (known = new WeakMap()));
  let row = known.get(object);
  if (!row) known.set(object, (row = printer.row(JSON.parse(object.bytes.toString()), nowMs)));
  return row;
}

/** What a printer puts behind a name (`standard (default)`) stays behind it. */
function nameCell(kind: KindInView, object: StoredObject, cell: Cell | undefined): string {
  const name = shownName(kind, object);
  const isLonger = typeof cell === 'string' && cell.startsWith(`${object.name} `);
  return isLonger ? `${name}${cell.slice(object.name.length)}` : name;
}

function shownName({ view, isMerged }: KindInView, { name, cluster }: StoredObject): string {
  return view.naming === 'Plain' || isMerged ? name : qualify(name, cluster);
}

function shownCluster({ isMerged }: KindInView, { bytes, cluster }: StoredObject): string {
  return isMerged ? (readPaths(bytes, CLUSTERS)[0] ?? '') : cluster;
}
