import type { Change } from './history.ts';
import type { StoredObject } from './stored-object.ts';

/** Every object of a kind as of one version: clusters in order, each one's objects in order. */
export interface Snapshot {
  readonly version: bigint;
  readonly runs: ReadonlyMap<string, readonly StoredObject[]>;
}

/** What lists and watches are served from. */
export interface ObjectSource {
  /** Version of the latest change. */
  readonly latest: bigint;
  snapshot(): Snapshot;
  /** undefined when the version is older than history. */
  snapshotAt(version: bigint): Snapshot | undefined;
  /** undefined when the version is older than history. */
  changesSince(version: bigint): readonly Change[] | undefined;
  onChange(listener: (change: Change) => void): () => void;
}
