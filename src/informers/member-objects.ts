import { compareObjects, objectKey, type StoredObject } from './stored-object.ts';

/** The objects of one kind at one member. */
export class MemberObjects {
  readonly #byKey = new Map<string, StoredObject>();
  #sorted: readonly StoredObject[] | undefined;
  #bytes = 0;

  get count(): number {
    return this.#byKey.size;
  }

  /** Bytes of all objects' JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): StoredObject | undefined {
    return this.#byKey.get(key);
  }

  set(object: StoredObject): void {
    const key = objectKey(object);
    this.#bytes += object.bytes.length - (this.#byKey.get(key)?.bytes.length ?? 0);
    this.#byKey.set(key, object);
    this.#sorted = undefined;
  }

  delete(key: string): void {
    this.#bytes -= this.#byKey.get(key)?.bytes.length ?? 0;
    this.#byKey.delete(key);
    this.#sorted = undefined;
  }

  keys(): string[] {
    return [...this.#byKey.keys()];
  }

  /** By namespace, then name. The array is never changed afterwards: a snapshot may hold it. */
  sorted(): readonly StoredObject[] {
    this.#sorted ??= [...this.#byKey.values()].sort(compareObjects);
    return this.#sorted;
  }
}
