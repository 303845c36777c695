import {
  compareObjects,
  type MemberFreshness,
  type ObjectSource,
  type Snapshot,
  type StoredObject,
} from '../informers/index.ts';
import {
  badRequest,
  expired,
  StatusError,
  type ListOptions,
  type VersionClock,
} from '../kube/index.ts';
import {
  formatContinueToken,
  parseContinueToken,
  type ContinuePosition,
} from './continue-token.ts';
import type { KindInView, Kinds } from './kinds.ts';
import type { Selection } from './selection.ts';

/** One page of a list. */
export interface ListPage {
  readonly version: bigint;
  readonly objects: readonly StoredObject[];
  /** '' on the last page. */
  readonly continueToken: string;
  /** Objects after this page; undefined when a selector makes it unknown, or on the last page. */
  readonly remaining: number | undefined;
  readonly freshness: readonly MemberFreshness[];
}

export interface ListRequest {
  readonly kind: KindInView;
  readonly options: ListOptions;
  readonly selection: Selection;
  /** '' for all. */
  readonly namespace: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * Reads one page: a snapshot of all members in order of cluster, namespace and name.
 * @throws Expired for a version that is not in history, Timeout for one of the future, BadRequest
 * for a bad continue token
 */
export async function listPage(
  request: ListRequest,
  { kinds, clock }: { kinds: Kinds; clock: VersionClock },
): Promise<ListPage> {
  const { kind, options, selection, namespace } = request;
  const position = options.continueToken === '' ? undefined : continuedAt(options);
  await kind.informer.waitForSync(selection.clusters, request.deadlineMs, request.signal);
  const source = kind.source(selection);
  const freshness = kinds.freshness(kind, selection);
  const snapshot = position
    ? continued(
        position,
        source,
        kinds.snapshots.get(kinds.snapshotKey(kind, selection, position.version)),
      )
    : begun(options, source, clock);
  const runs = pickRuns(snapshot, selection, kind.isMerged);
  const page = cutPage(runs, { namespace, limit: options.limit, selection, position });
  if (page.last)
    kinds.snapshots.set(kinds.snapshotKey(kind, selection, snapshot.version), snapshot);
  return {
    version: snapshot.version,
    objects: page.objects,
    continueToken: page.last
      ? formatContinueToken({ ...page.last, version: snapshot.version })
      : '',
    remaining: page.last && !selection.isPartial ? page.remaining : undefined,
    freshness,
  };
}

function continuedAt({ continueToken, resourceVersion = 0n }: ListOptions): ContinuePosition {
  const position = parseContinueToken(continueToken);
  if (resourceVersion === 0n) return position;
  throw badRequest('specifying resource version is not allowed when using continue');
}

type Runs = readonly (readonly [cluster: string, run: readonly StoredObject[]])[];

function pickRuns(snapshot: Snapshot, selection: Selection, isMerged: boolean): Runs {
  if (isMerged) return [...snapshot.runs];
  return [...snapshot.runs].filter(([cluster]) => selection.selects(cluster));
}

/** A snapshot that this replica does not hold any more goes on by position, under its own version. */
function continued(
  position: ContinuePosition,
  source: ObjectSource,
  held: Snapshot | undefined,
): Snapshot {
  return (
    held ??
    source.snapshotAt(position.version) ?? { ...source.snapshot(), version: position.version }
  );
}

function begun(options: ListOptions, source: ObjectSource, clock: VersionClock): Snapshot {
  const { resourceVersion, resourceVersionMatch, limit } = options;
  if (resourceVersion === undefined || resourceVersion === 0n) return source.snapshot();
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  if (resourceVersion > clock.latest) throw tooLarge(resourceVersion, clock.latest);
  if (!isExact) return source.snapshot();
  const snapshot = clock.isOwn(resourceVersion) ? source.snapshotAt(resourceVersion) : undefined;
  if (!snapshot) throw expired(`The provided resource version is too old: ${resourceVersion}`);
  return snapshot;
}

/** 504 of a version that is not reached yet, as kube-apiserver words it: clients relist by it. */
export function tooLarge(asked: bigint, current: bigint): StatusError {
  const message = `Too large resource version: ${asked}, current: ${current}`;
  return new StatusError('Timeout', message, {
    details: { causes: [{ reason: 'ResourceVersionTooLarge', message }], retryAfterSeconds: 1 },
  });
}

interface Cut {
  readonly objects: readonly StoredObject[];
  /** Of the last object, if more follow. */
  readonly last: Omit<ContinuePosition, 'version'> | undefined;
  readonly remaining: number;
}

interface CutOptions {
  readonly namespace: string;
  readonly limit: number;
  readonly selection: Selection;
  readonly position: ContinuePosition | undefined;
}

function cutPage(runs: Runs, { namespace, limit, selection, position }: CutOptions): Cut {
  const objects: StoredObject[] = [];
  let last: Cut['last'];
  let remaining = 0;
  for (const [cluster, whole] of runs) {
    const run = inNamespace(afterPosition(whole, cluster, position), namespace);
    for (const [index, object] of run.entries()) {
      if (limit > 0 && objects.length === limit) {
        remaining += run.length - index;
        break;
      }
      if (!selection.matches(object)) continue;
      objects.push(object);
      last = { cluster, namespace: object.namespace, name: object.name };
    }
  }
  return { objects, last: remaining > 0 ? last : undefined, remaining };
}

function afterPosition(
  run: readonly StoredObject[],
  cluster: string,
  position: ContinuePosition | undefined,
): readonly StoredObject[] {
  if (!position || cluster > position.cluster) return run;
  if (cluster < position.cluster) return [];
  return run.slice(firstIndex(run, (object) => compareObjects(object, position) > 0));
}

function inNamespace(run: readonly StoredObject[], namespace: string): readonly StoredObject[] {
  if (namespace === '') return run;
  const start = firstIndex(run, (object) => object.namespace >= namespace);
  const end = firstIndex(run, (object) => object.namespace > namespace);
  return run.slice(start, end);
}

/** The first index from which on the condition holds, in a run where it holds for a tail. */
function firstIndex(
  run: readonly StoredObject[],
  holds: (object: StoredObject) => boolean,
): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const object = run[middle];
    if (object && !holds(object)) low = middle + 1;
    else high = middle;
  }
  return low;
}
