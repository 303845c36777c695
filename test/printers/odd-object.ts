/** An object to be put into a member, rich or odd enough to try its kind's cells. */
export interface OddObject {
  /** The collection it is created in, e.g. `/api/v1/namespaces/odd/pods`. */
  readonly path: string;
  readonly name: string;
  readonly body: object;
  /** Written through `/status` after the creation. */
  readonly status?: object;
  /** Deleted after that; its finalizer keeps it. */
  readonly isDeleted?: boolean;
  /** The minor versions that take it; default all. */
  readonly minors?: readonly [from: number, to: number];
}

/** The namespace that the odd objects live in. */
export const NAMESPACE = 'odd';

/** What differs from object to object. */
export interface Oddity {
  readonly metadata?: object;
  readonly status?: object;
  readonly isDeleted?: boolean;
  readonly minors?: readonly [from: number, to: number];
  /** The object's other fields. */
  readonly [field: string]: unknown;
}

/** Writes down one object of `resource`, whose group, version and kind are given once. */
export function odd(
  type: { readonly apiVersion: string; readonly kind: string; readonly resource: string },
  isNamespaced = true,
) {
  const root = type.apiVersion.includes('/')
    ? `/apis/${type.apiVersion}`
    : `/api/${type.apiVersion}`;
  const path = `${root}/${isNamespaced ? `namespaces/${NAMESPACE}/` : ''}${type.resource}`;
  return (name: string, { metadata, status, isDeleted, minors, ...fields }: Oddity): OddObject => ({
    path,
    name,
    body: {
      apiVersion: type.apiVersion,
      kind: type.kind,
      metadata: { name, ...(isDeleted && { finalizers: ['flotilla.io/kept'] }), ...metadata },
      ...fields,
    },
    ...(status && { status }),
    ...(isDeleted !== undefined && { isDeleted }),
    ...(minors && { minors }),
  });
}

/** A time in the past, as the API writes it. */
export function ago({
  days = 0,
  hours = 0,
  minutes = 0,
  seconds = 0,
}: Partial<Record<'days' | 'hours' | 'minutes' | 'seconds', number>>): string {
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return new Date(Date.now() - ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The same with microseconds. */
export function microsAgo(time: Parameters<typeof ago>[0]): string {
  return ago(time).replace('Z', '.123456Z');
}
