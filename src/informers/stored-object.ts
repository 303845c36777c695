/** One version of one object of one member, as the cache holds it. Never changed, only replaced. */
export interface StoredObject {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The member's own resourceVersion. */
  readonly memberVersion: string;
  /** Our resourceVersion: the stamp of its ingest. */
  readonly version: bigint;
  readonly labels: Readonly<Record<string, string>>;
  /** The object's JSON as the member wrote it, apiVersion and kind included. */
  readonly bytes: Buffer;
}

/** Orders and identifies the objects of one member: `namespace/name`. */
export function objectKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** By namespace, then name. */
export function compareObjects(
  a: Pick<StoredObject, 'namespace' | 'name'>,
  b: Pick<StoredObject, 'namespace' | 'name'>,
): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return 0;
}
