import { createHash } from 'node:crypto';
import { compileRules, inOwnMemory, readPaths } from '../bytes/index.ts';
import {
  compareObjects,
  History,
  type Change,
  type ObjectSource,
  type Snapshot,
  type StoredObject,
} from '../informers/index.ts';
import { CLUSTERS_ANNOTATION } from '../kube/index.ts';

const HISTORY_CHANGES = 10_000;

interface Merge {
  readonly uid: string;
  readonly clusters: string;
  readonly phase: string;
}

const rewrite = compileRules<Merge>([
  { path: ['metadata', 'uid'], replace: (_, { uid }) => uid },
  {
    path: ['metadata', 'annotations'],
    set: ({ clusters }) => ({ [CLUSTERS_ANNOTATION]: clusters }),
    create: true,
  },
  { path: ['status', 'phase'], replace: (_, { phase }) => phase },
]);

/** The run under which merged namespaces stand: they belong to no one member. */
const MERGED = '';

/**
 * Namespaces by sameness: one of each name over some members, made from the first member's that has
 * it, with a uid derived from the name alone. Follows the members' namespaces as they change.
 */
export class MergedNamespaces implements ObjectSource {
  readonly #byName = new Map<string, Map<string, StoredObject>>();
  readonly #merged = new Map<string, StoredObject>();
  readonly #history: History;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #unsubscribe: () => void;
  #isRetired = false;

  /** @param clusters - the members to merge; undefined for all */
  constructor(source: ObjectSource, clusters?: readonly string[]) {
    const isIn = (cluster: string): boolean => clusters?.includes(cluster) ?? true;
    const snapshot = source.snapshot();
    this.#history = new History(snapshot.version, HISTORY_CHANGES);
    for (const [cluster, run] of snapshot.runs) {
      if (!isIn(cluster)) continue;
      for (const object of run) this.#clustersOf(object.name).set(cluster, object);
    }
    for (const name of this.#byName.keys()) this.#merge(name, newest(this.#clustersOf(name)));
    this.#unsubscribe = source.onChange((change) => {
      if (isIn(change.object.cluster)) this.#follow(change);
    });
  }

  get latest(): bigint {
    return this.#history.latest;
  }

  snapshot(): Snapshot {
    return {
      version: this.latest,
      runs: new Map([[MERGED, [...this.#merged.values()].sort(compareObjects)]]),
    };
  }

  snapshotAt(version: bigint): Snapshot | undefined {
    const changes = this.#history.since(version);
    if (!changes) return undefined;
    const byName = new Map(this.#merged);
    for (const { object, previous } of changes.toReversed()) {
      if (previous) byName.set(object.name, previous);
      else byName.delete(object.name);
    }
    return { version, runs: new Map([[MERGED, [...byName.values()].sort(compareObjects)]]) };
  }

  changesSince(version: bigint): readonly Change[] | undefined {
    return this.#history.since(version);
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#isRetired) this.retire();
    };
  }

  /** Nobody new will ask: follows the members only for as long as somebody still listens. */
  retire(): void {
    this.#isRetired = true;
    if (this.#listeners.size === 0) this.#unsubscribe();
  }

  #clustersOf(name: string): Map<string, StoredObject> {
    let clusters = this.#byName.get(name);
    if (!clusters) {
      clusters = new Map();
      this.#byName.set(name, clusters);
    }
    return clusters;
  }

  #follow({ type, object, version }: Change): void {
    const clusters = this.#clustersOf(object.name);
    if (type === 'DELETED') clusters.delete(object.cluster);
    else clusters.set(object.cluster, object);
    const previous = this.#merged.get(object.name);
    if (clusters.size > 0) {
      const merged = this.#merge(object.name, version);
      if (previous?.bytes.equals(merged.bytes)) {
        this.#merged.set(object.name, previous);
        return;
      }
      this.#publish({ type: previous ? 'MODIFIED' : 'ADDED', version, object: merged, previous });
      return;
    }
    this.#byName.delete(object.name);
    this.#merged.delete(object.name);
    if (previous)
      this.#publish({ type: 'DELETED', version, object: { ...previous, version }, previous });
  }

  #merge(name: string, version: bigint): StoredObject {
    const members = [...this.#clustersOf(name)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
    const [first] = members;
    if (!first) throw new Error(`namespace ${name} is in no cluster`);
    const uid = uidOf(name);
    const clusters = members.map(({ cluster }) => cluster).join(',');
    const merged = {
      ...first,
      uid,
      version,
      bytes: inOwnMemory(rewrite(first.bytes, { uid, clusters, phase: phaseOf(members) })),
    };
    this.#merged.set(name, merged);
    return merged;
  }

  #publish(change: Change): void {
    this.#history.record(change);
    for (const listener of this.#listeners) listener(change);
  }
}

function newest(objects: ReadonlyMap<string, StoredObject>): bigint {
  return [...objects.values()].reduce((most, { version }) => (version > most ? version : most), 0n);
}

const PHASE: readonly (readonly string[])[] = [['status', 'phase']];

/** Active if it is in any cluster. */
function phaseOf(members: readonly StoredObject[]): string {
  const phases = members.map(({ bytes }) => readPaths(bytes, PHASE)[0] ?? '');
  return phases.includes('Active') ? 'Active' : (phases[0] ?? '');
}

/** A uid that every replica derives alike from the name (as RFC 9562 version 8: our own hash). */
function uidOf(name: string): string {
  const hex = createHash('sha256').update(`flotilla.io/namespaces/${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
