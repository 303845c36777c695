/** The part of JSON Schema that Kubernetes' OpenAPI documents use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly maxLength?: number;
}

declare const described: unique symbol;

/** A schema of values of type `T`. `T` exists for the compiler only: one source for both. */
export interface Schema<T> {
  readonly json: JsonSchema;
  readonly [described]?: T;
}

export type TypeOf<S> = S extends Schema<infer T> ? T : never;

interface OptionalSchema<T> extends Schema<T> {
  readonly isOptional: true;
}

type Properties = Readonly<Record<string, Schema<unknown>>>;
type OptionalKeys<P extends Properties> = {
  [K in keyof P]: P[K] extends OptionalSchema<unknown> ? K : never;
}[keyof P];
type ObjectOf<P extends Properties> = {
  readonly [K in Exclude<keyof P, OptionalKeys<P>>]: TypeOf<P[K]>;
} & { readonly [K in OptionalKeys<P>]?: TypeOf<P[K]> };

export function string(
  description: string,
  options: Pick<JsonSchema, 'format' | 'maxLength' | 'default'> = {},
): Schema<string> {
  return { json: { type: 'string', description, ...options } };
}

export function oneOf<const V extends string>(
  description: string,
  values: readonly V[],
): Schema<V> {
  return { json: { type: 'string', description, enum: values } };
}

export function boolean(description: string): Schema<boolean> {
  return { json: { type: 'boolean', description } };
}

export function integer(description: string, format: 'int32' | 'int64' = 'int32'): Schema<number> {
  return { json: { type: 'integer', description, format } };
}

export function array<T>(description: string, items: Schema<T>): Schema<readonly T[]> {
  return { json: { type: 'array', description, items: items.json } };
}

export function map<T>(
  description: string,
  values: Schema<T>,
): Schema<Readonly<Record<string, T>>> {
  return { json: { type: 'object', description, additionalProperties: values.json } };
}

export function object<P extends Properties>(
  description: string,
  properties: P,
): Schema<ObjectOf<P>> {
  const required = Object.keys(properties).filter((name) => !isOptional(properties[name]));
  return {
    json: {
      type: 'object',
      description,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, { json }]) => [name, json]),
      ),
      ...(required.length > 0 && { required }),
    },
  };
}

/** A property that may be absent. */
export function optional<T>({ json }: Schema<T>): OptionalSchema<T> {
  return { json, isOptional: true };
}

function isOptional(schema: Schema<unknown> | undefined): boolean {
  return schema !== undefined && 'isOptional' in schema;
}
