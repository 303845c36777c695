/**
 * Table rows of objects: for every kind the columns and cells that a kube-apiserver prints itself,
 * so that a list of many clusters reads like a list of one.
 *
 * Pure: objects come in as parsed JSON, the time comes in as a number. Nothing but the `kube` room
 * may be imported. `descriptions.json` holds the columns' descriptions, which are sentences of the
 * Kubernetes API documentation.
 */
export { renderElapsed, humanDuration, type Elapsed } from './age.ts';
export { builtInPrinter } from './built-in.ts';
export { customPrinter, type CustomColumn } from './custom.ts';
export { defaultPrinter } from './default.ts';
export type { Cell, ColumnDefinition, Printer, Row, RowCondition, TimedCell } from './printer.ts';
