import type { OwnObject, ResourceDefinition } from '../api/index.ts';
import type { VersionClock } from '../kube/index.ts';

/** One change; `previous` tells a watcher whether the object was selected before. */
export interface OwnEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: OwnObject;
  readonly previous: OwnObject | undefined;
  readonly version: bigint;
}

export interface OwnCollectionOptions {
  readonly definition: ResourceDefinition<never>;
  readonly clock: VersionClock;
}

/** Events kept for watches that resume; own kinds change seldom. */
const HISTORY = 1000;

/** The objects of one kind of ours, in memory: replaced whole, read and watched as Kubernetes objects. */
export class OwnCollection {
  readonly definition: ResourceDefinition<never>;
  readonly #clock: VersionClock;
  readonly #listeners = new Set<(event: OwnEvent) => void>();
  #objects = new Map<string, OwnObject>();
  #history: OwnEvent[] = [];
  /** Versions below this can't be resumed from. */
  #since: bigint;
  #version: bigint;

  constructor({ definition, clock }: OwnCollectionOptions) {
    this.definition = definition;
    this.#clock = clock;
    this.#version = clock.next();
    this.#since = this.#version;
  }

  /** Of the last change. */
  get version(): bigint {
    return this.#version;
  }

  /** Sorted by name. */
  list(): OwnObject[] {
    return [...this.#objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  get(name: string): OwnObject | undefined {
    return this.#objects.get(name);
  }

  /** Takes what is true now; only true differences become events. Objects come without resourceVersion. */
  replace(objects: readonly OwnObject[]): void {
    const names = new Set(objects.map(({ metadata }) => metadata.name));
    for (const [name, previous] of this.#objects) {
      if (!names.has(name)) this.#change('DELETED', previous, previous);
    }
    for (const object of objects) {
      const previous = this.#objects.get(object.metadata.name);
      if (!previous) this.#change('ADDED', object, undefined);
      else if (!isSame(previous, object)) this.#change('MODIFIED', object, previous);
    }
  }

  #change(type: OwnEvent['type'], object: OwnObject, previous: OwnObject | undefined): void {
    this.#version = this.#clock.next();
    const stamped = withVersion(object, String(this.#version));
    if (type === 'DELETED') this.#objects.delete(object.metadata.name);
    else this.#objects.set(object.metadata.name, stamped);
    const event = { type, object: stamped, previous, version: this.#version };
    this.#history.push(event);
    if (this.#history.length > HISTORY) this.#since = this.#history.shift()?.version ?? this.#since;
    for (const listener of this.#listeners) listener(event);
  }

  /** What happened after a version; undefined when that is not known any more. */
  eventsAfter(version: bigint): OwnEvent[] | undefined {
    if (version < this.#since) return undefined;
    return this.#history.filter((event) => event.version > version);
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: (event: OwnEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function withVersion(object: OwnObject, resourceVersion: string): OwnObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function isSame(previous: OwnObject, object: OwnObject): boolean {
  const { resourceVersion = '' } = previous.metadata;
  return JSON.stringify(previous) === JSON.stringify(withVersion(object, resourceVersion));
}
