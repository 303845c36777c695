import type { OwnObject } from './object.ts';
import type { JsonSchema, Schema } from './schema.ts';

export type CellValue = string | number | boolean;

/** One column of `kubectl get`. */
export interface Column<T> {
  readonly name: string;
  readonly type: 'string' | 'integer';
  readonly format?: string;
  readonly description: string;
  /** 0: always shown; above: with `-o wide`. */
  readonly priority?: number;
  /** `age`: the time since the object was made. */
  readonly cell: 'age' | ((object: T) => CellValue);
}

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** A kind of ours, whole: discovery, OpenAPI, Tables and validation are made from it. */
export interface ResourceDefinition<T extends OwnObject = OwnObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** What `kubectl explain` says about the kind. */
  readonly description: string;
  /** Verbs on the resource itself; empty for a kind that is reached by subresources only. */
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
  /** `spec` and `status` beside apiVersion, kind and metadata. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly columns: readonly Column<T>[];
}

/** Verbs that a proxy subresource takes, as discovery lists them. */
export const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'] as const;

/** The JSON schemas of an object's parts, by name. */
export function propertiesOf(
  parts: Readonly<Record<string, Schema<unknown>>>,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(parts).map(([name, { json }]) => [name, json]));
}
