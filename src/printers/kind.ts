import {
  makePrinter,
  type Column,
  type KubernetesObject,
  type Printer,
  type RowCondition,
} from './printer.ts';

/** Makes the printer that a kube-apiserver of one minor version has for a kind. */
export type Kind = (server: Server) => Printer;

/** Kinds by `<resource>` (core) or `<resource>.<group>`. */
export type Kinds = Readonly<Record<string, Kind>>;

interface Server {
  readonly minor: number;
  /** The text of the kind's column in that version. */
  readonly describe: (column: string) => string;
}

/** A kind whose cells are read from the object itself. */
export function kind<T extends KubernetesObject>(
  columns: (minor: number) => readonly Column<T>[],
): Kind {
  return ({ minor, describe }) =>
    makePrinter(columns(minor), { read: (object) => object as T, describe });
}

/** A kind of which several cells come from one reading of the object. */
export function kindRead<Read>(
  read: (object: unknown, minor: number) => Read,
  columns: readonly Column<Read>[],
  conditions?: (read: Read) => readonly RowCondition[] | undefined,
): Kind {
  return ({ minor, describe }) =>
    makePrinter(columns, { read: (object) => read(object, minor), describe, conditions });
}
