import type { GroupVersionResource, VersionClock } from '../kube/index.ts';
import { isNewerVersion } from '../kube/index.ts';
import { inOwnMemory, readFacts, type ObjectFacts } from '../bytes/index.ts';
import { History, type Change } from './history.ts';
import { MemberObjects } from './member-objects.ts';
import type { ObjectSource, Snapshot } from './object-source.ts';
import { compareObjects, objectKey, type StoredObject } from './stored-object.ts';

/** Changes kept a kind, at least; a watch may resume within them. */
const HISTORY_CHANGES = 10_000;
/** Deletions remembered, so that what comes late does not bring an object back. */
const MAX_TOMBSTONES = 1_000;

/**
 * Who told of a state: the member's ordered stream, or its reply to a request, which may come
 * before or after the stream tells the same.
 */
export type Teller = 'stream' | 'reply';

export interface Told {
  readonly facts?: ObjectFacts;
  readonly teller?: Teller;
}

/**
 * What all members hold of one kind: their last known objects, one order of changes over all of
 * them, and the stamps (our resourceVersions) of both. Knows nothing of where the bytes come from.
 */
export class KindCache implements ObjectSource {
  readonly gvr: GroupVersionResource;
  readonly #clock: VersionClock;
  readonly #members = new Map<string, MemberObjects>();
  readonly #history: History;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #tombstones = new Map<string, Teller>();

  constructor(gvr: GroupVersionResource, clock: VersionClock) {
    this.gvr = gvr;
    this.#clock = clock;
    this.#history = new History(clock.next(), HISTORY_CHANGES);
  }

  get latest(): bigint {
    return this.#history.latest;
  }

  changesSince(version: bigint): readonly Change[] | undefined {
    return this.#history.since(version);
  }

  /** Called at once for every change, in order; must not throw. Returns how to stop. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get(cluster: string, key: string): StoredObject | undefined {
    return this.#members.get(cluster)?.get(key);
  }

  clusters(): string[] {
    return [...this.#members.keys()].sort();
  }

  /** Objects and bytes held of a member. */
  size(cluster: string): { objects: number; bytes: number } {
    const objects = this.#members.get(cluster);
    return { objects: objects?.count ?? 0, bytes: objects?.bytes ?? 0 };
  }

  /** Every object as of now. */
  snapshot(): Snapshot {
    const runs = new Map(
      this.clusters().map((cluster) => [cluster, this.#objects(cluster).sorted()]),
    );
    return { version: this.latest, runs };
  }

  /** Every object as of a version in history; undefined when the changes since are forgotten. */
  snapshotAt(version: bigint): Snapshot | undefined {
    const changes = this.#history.since(version);
    if (!changes) return undefined;
    const now = this.snapshot();
    return changes.length === 0 ? now : { version, runs: undo(now.runs, changes) };
  }

  /**
   * Takes an object that a member told of. The greater member version wins; an equal one changes
   * nothing.
   * @returns what the cache holds now; undefined if the object is known to be deleted since
   * @throws MalformedJson when the bytes are not an object
   */
  ingest(
    cluster: string,
    bytes: Buffer,
    { facts = readFacts(bytes), teller = 'reply' }: Told = {},
  ): StoredObject | undefined {
    const objects = this.#objects(cluster);
    const previous = objects.get(objectKey(facts));
    if (this.#isDeleted(cluster, facts.uid, teller)) return undefined;
    if (previous && !isReplacedBy(previous, facts)) return previous;
    if (previous && previous.uid !== facts.uid) {
      this.remove(cluster, objectKey(facts));
      return this.ingest(cluster, bytes, { facts, teller });
    }
    const object: StoredObject = {
      cluster,
      namespace: facts.namespace,
      name: facts.name,
      uid: facts.uid,
      memberVersion: facts.resourceVersion,
      version: this.#clock.next(),
      labels: facts.labels,
      bytes: inOwnMemory(bytes),
    };
    objects.set(object);
    this.#publish({
      type: previous ? 'MODIFIED' : 'ADDED',
      version: object.version,
      object,
      previous,
    });
    return object;
  }

  /** Takes a deletion; `last` is the member's last state of the object, where it told it. */
  remove(cluster: string, key: string, last?: { bytes: Buffer; facts: ObjectFacts }): void {
    const objects = this.#objects(cluster);
    const previous = objects.get(key);
    if (!previous) return;
    if (
      last &&
      last.facts.uid !== previous.uid &&
      isNewerVersion(previous.memberVersion, last.facts.resourceVersion)
    ) {
      return; // the name was taken again since
    }
    objects.delete(key);
    this.#bury(cluster, previous.uid, 'stream');
    const version = this.#clock.next();
    const state = last
      ? {
          bytes: inOwnMemory(last.bytes),
          labels: last.facts.labels,
          memberVersion: last.facts.resourceVersion,
        }
      : {};
    this.#publish({
      type: 'DELETED',
      version,
      object: { ...previous, ...state, version },
      previous,
    });
  }

  /** Takes a deletion from the reply to it: events of that object that the stream still holds are void. */
  removeDeleted(cluster: string, key: string, uid: string): void {
    const previous = this.get(cluster, key);
    if (!previous || (uid !== '' && previous.uid !== uid)) return;
    this.remove(cluster, key);
    this.#bury(cluster, previous.uid, 'reply');
  }

  #bury(cluster: string, uid: string, teller: Teller): void {
    if (uid === '') return;
    this.#tombstones.set(`${cluster}/${uid}`, teller);
    const [oldest] = this.#tombstones.keys();
    if (this.#tombstones.size > MAX_TOMBSTONES && oldest !== undefined)
      this.#tombstones.delete(oldest);
  }

  /** What the stream told is final for replies; what a reply told, for the stream until it tells the same. */
  #isDeleted(cluster: string, uid: string, teller: Teller): boolean {
    const toldBy = this.#tombstones.get(`${cluster}/${uid}`);
    return toldBy !== undefined && (teller === 'reply' || toldBy === 'reply');
  }

  /** Ends a full read of a member: what it did not hold is deleted, unless it is newer than the read. */
  removeUnseen(cluster: string, seen: ReadonlySet<string>, listVersion: string): void {
    const objects = this.#objects(cluster);
    for (const key of objects.keys()) {
      const object = objects.get(key);
      if (!object || seen.has(key) || isNewerThanList(object, listVersion)) continue;
      this.remove(cluster, key);
    }
    for (const [grave, teller] of this.#tombstones) {
      if (teller === 'reply' && grave.startsWith(`${cluster}/`)) this.#tombstones.delete(grave);
    }
  }

  /** Forgets a member: its objects are deleted, as events too. */
  removeMember(cluster: string): void {
    for (const key of this.#objects(cluster).keys()) this.remove(cluster, key);
    this.#members.delete(cluster);
  }

  #objects(cluster: string): MemberObjects {
    let objects = this.#members.get(cluster);
    if (!objects) {
      objects = new MemberObjects();
      this.#members.set(cluster, objects);
    }
    return objects;
  }

  #publish(change: Change): void {
    this.#history.record(change);
    for (const listener of this.#listeners) listener(change);
  }
}

function isNewerThanList(object: StoredObject, listVersion: string): boolean {
  return /^\d+$/.test(listVersion) && isNewerVersion(object.memberVersion, listVersion);
}

/** Another uid under the same name is another object: the later one by its version. */
function isReplacedBy(previous: StoredObject, facts: ObjectFacts): boolean {
  return isNewerVersion(facts.resourceVersion, previous.memberVersion);
}

/** Takes changes back, newest first, from copies of the runs that they touch. */
function undo(
  runs: ReadonlyMap<string, readonly StoredObject[]>,
  changes: readonly Change[],
): Map<string, readonly StoredObject[]> {
  const touched = new Map<string, Map<string, StoredObject>>();
  for (const { object, previous } of changes.toReversed()) {
    const byKey =
      touched.get(object.cluster) ??
      new Map((runs.get(object.cluster) ?? []).map((each) => [objectKey(each), each]));
    touched.set(object.cluster, byKey);
    if (previous) byKey.set(objectKey(previous), previous);
    else byKey.delete(objectKey(object));
  }
  const before = new Map(runs);
  for (const [cluster, byKey] of touched)
    before.set(cluster, [...byKey.values()].sort(compareObjects));
  return new Map([...before].sort(([a], [b]) => (a < b ? -1 : 1)));
}
