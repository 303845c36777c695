import { elapsedSince, renderElapsed, type Elapsed } from './age.ts';

/**
 * One cell of a Table row, ready for JSON. A bigint comes out only where the object that was
 * rendered held one (a reader that keeps integers beyond 2^53).
 */
export type Cell = string | number | bigint | boolean | null;

/** A Table's column, as meta.k8s.io/v1 has it. Priority 0 is always shown, 1 only when wide. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** A condition of a row, as meta.k8s.io/v1 has it. */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A cell whose text changes with the clock: enough to render it again without the object. */
export interface TimedCell extends Elapsed {
  /** Its place in `Row.cells`. */
  readonly index: number;
}

/** What a Table says of one object. */
export interface Row {
  /** As many as there are columns, except where kube-apiserver itself sends one more. */
  readonly cells: Cell[];
  /** The cells of `cells` that are stale a second later; see `renderElapsed`. Plain data. */
  readonly timed: readonly TimedCell[];
  /** Set for finished pods only. */
  readonly conditions?: readonly RowCondition[];
}

/** Renders the Table rows of one kind. Keep it: making one costs more than rendering a row. */
export interface Printer {
  readonly columns: readonly ColumnDefinition[];
  /** Indexes of the cells that may depend on the time, over all objects of the kind. */
  readonly timedCells: readonly number[];
  /**
   * One object (parsed JSON as the member sent it) → its row. `now` is in milliseconds since the
   * epoch. Never throws: a cell that an object of a wrong shape has no answer for is null.
   */
  row(object: unknown, now: number): Row;
}

/** The metadata that printers read. */
export interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

/** What every object has. */
export interface KubernetesObject {
  readonly metadata?: ObjectMeta;
}

/** A column of a kind and how its cell is read from a `T`. */
export interface Column<T> {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
  readonly description?: string;
  /** Whether some cells of it depend on the time. */
  readonly isTimed: boolean;
  /** False for a cell that kube-apiserver sends without a column for it. */
  readonly isListed: boolean;
  readonly cell: (source: T) => Cell | Elapsed;
}

/** A plain string column; the other columns are made from it. */
export function column<T>(name: string, cell: (source: T) => Cell): Column<T> {
  const isListed = true;
  return { name, type: 'string', format: '', priority: 0, isTimed: false, isListed, cell };
}

/** A column of whole numbers. */
export function integer<T>(name: string, cell: (source: T) => Cell): Column<T> {
  return { ...column(name, cell), type: 'integer' };
}

/** A column of true and false. */
export function boolean<T>(name: string, cell: (source: T) => Cell): Column<T> {
  return { ...column(name, cell), type: 'boolean' };
}

/** A string column of which some cells depend on the time. */
export function timed<T>(name: string, cell: (source: T) => string | Elapsed): Column<T> {
  return { ...column<T>(name, () => null), isTimed: true, cell };
}

/** The same columns, shown only on demand. */
export function wide<T>(...columns: readonly Column<T>[]): Column<T>[] {
  return columns.map((each) => ({ ...each, priority: 1 }));
}

/** The object's name, marked as such. */
export function nameColumn<T extends KubernetesObject>(
  cell: (source: T) => string = nameOf,
): Column<T> {
  return { ...column('Name', cell), format: 'name' };
}

/** How long ago the object was created. */
export function ageColumn<T extends KubernetesObject>(): Column<T> {
  return timed('Age', (object) => elapsedSince(object.metadata?.creationTimestamp));
}

/** The object's name; empty when it has none. */
export function nameOf(object: KubernetesObject): string {
  return object.metadata?.name ?? '';
}

interface PrinterOptions<T> {
  /** Reads once per row what several columns need. */
  readonly read: (object: unknown) => T;
  /** The text of a column that brings none of its own. */
  readonly describe: (column: string) => string;
  readonly conditions?: ((source: T) => readonly RowCondition[] | undefined) | undefined;
}

/** Makes the printer of a kind from its columns. */
export function makePrinter<T>(
  columns: readonly Column<T>[],
  { read, describe, conditions }: PrinterOptions<T>,
): Printer {
  return {
    columns: columns.filter(({ isListed }) => isListed).map((each) => definitionOf(each, describe)),
    timedCells: columns.flatMap(({ isTimed }, index) => (isTimed ? [index] : [])),

    row(object, now) {
      const cells: Cell[] = [];
      const timed: TimedCell[] = [];
      const source = readOrUndefined(read, object);
      for (const { cell } of columns) {
        const value = source === undefined ? null : cellOrNull(cell, source);
        if (isElapsed(value)) timed.push({ index: cells.length, ...value });
        cells.push(isElapsed(value) ? renderElapsed(value, now) : value);
      }
      const rowConditions = source === undefined ? undefined : conditions?.(source);
      return rowConditions ? { cells, timed, conditions: rowConditions } : { cells, timed };
    },
  };
}

function definitionOf<T>(
  column: Column<T>,
  describe: (column: string) => string,
): ColumnDefinition {
  const { name, type, format, priority } = column;
  return { name, type, format, description: column.description ?? describe(name), priority };
}

function isElapsed(value: Cell | Elapsed): value is Elapsed {
  return typeof value === 'object' && value !== null;
}

/**
 * A member may send an object of another shape than its kind has; one such object must not take
 * the whole list down, so what can't be read is no answer.
 */
function cellOrNull<T>(cell: (source: T) => Cell | Elapsed, source: T): Cell | Elapsed {
  try {
    return cell(source);
  } catch {
    return null;
  }
}

function readOrUndefined<T>(read: (object: unknown) => T, object: unknown): T | undefined {
  try {
    return read(object);
  } catch {
    return undefined;
  }
}
