import type { Change, ObjectSource, StoredObject } from '../informers/index.ts';
import { expired, type StatusError, type VersionClock, type WatchOptions } from '../kube/index.ts';
import type { Encoder, EventType } from './encoder.ts';
import type { KindInView } from './kinds.ts';
import { tooLarge } from './list-page.ts';
import type { Selection } from './selection.ts';

export interface WatchRequest {
  readonly kind: KindInView;
  readonly options: WatchOptions;
  readonly selection: Selection;
  readonly encoder: Encoder;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** Written at once up to this size, so that a burst costs few writes. */
const CHUNK_BYTES = 64 * 1024;
const BOOKMARK_EVERY_MS = 60_000;
/** 30 to 60 minutes when the client does not choose. */
const DEFAULT_TIMEOUT_SECONDS = { least: 1800, spread: 1800 };

/**
 * The lines of a watch, several in a piece when there are several at hand. Ends in good order at the
 * timeout or when the signal is aborted; a version that can't be resumed from ends it with an ERROR
 * line. A slow reader delays nobody: it only falls behind in history.
 */
export async function* watchEvents(
  request: WatchRequest,
  clock: VersionClock,
): AsyncGenerator<Buffer, void> {
  const { kind, selection, options } = request;
  const release = kind.informer.hold();
  const source = kind.source(selection);
  const wake = new Wake(source, request.signal);
  try {
    const fault = startFault(options, source, clock);
    if (fault) yield errorFrame(fault);
    else yield* eventsFrom(yield* begin(request, source), { request, source, clock, wake });
  } finally {
    wake.close();
    release();
  }
}

/** Yields the initial events, if any; returns the version to go on from. */
async function* begin(request: WatchRequest, source: ObjectSource): AsyncGenerator<Buffer, bigint> {
  const { resourceVersion = 0n, sendInitialEvents } = request.options;
  if (sendInitialEvents) return yield* initialEvents(request, source);
  return resourceVersion === 0n ? source.latest : resourceVersion;
}

interface Following {
  readonly request: WatchRequest;
  readonly source: ObjectSource;
  readonly clock: VersionClock;
  readonly wake: Wake;
}

async function* eventsFrom(
  start: bigint,
  { request, source, clock, wake }: Following,
): AsyncGenerator<Buffer, void> {
  const { options, signal } = request;
  const endMs = Date.now() + timeoutMs(options);
  let bookmarkMs = Date.now() + BOOKMARK_EVERY_MS;
  let cursor = start;
  for (let isOver = false; !signal.aborted && !isOver;) {
    const changes = source.changesSince(cursor);
    if (!changes) {
      yield errorFrame(expired(`too old resource version: ${cursor} (${source.latest})`));
      return;
    }
    yield* chunks(changes.values().flatMap((change) => frames(change, request)));
    cursor = changes.at(-1)?.version ?? cursor;
    if (source.latest > cursor) continue;
    const nowMs = Date.now();
    isOver = nowMs >= endMs;
    if (options.allowWatchBookmarks && nowMs >= Math.min(bookmarkMs, endMs)) {
      cursor = later(cursor, clock.latest);
      yield request.encoder.bookmark(cursor, false);
      bookmarkMs = nowMs + BOOKMARK_EVERY_MS;
    }
    if (!isOver) await wake.next(source.latest > cursor ? 0 : Math.min(bookmarkMs, endMs) - nowMs);
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function timeoutMs({ timeoutSeconds }: WatchOptions): number {
  const seconds =
    timeoutSeconds === undefined || timeoutSeconds <= 0
      ? DEFAULT_TIMEOUT_SECONDS.least + Math.random() * DEFAULT_TIMEOUT_SECONDS.spread
      : timeoutSeconds;
  return Math.min(seconds * 1000, 2 ** 31 - 1);
}

function startFault(
  options: WatchOptions,
  source: ObjectSource,
  clock: VersionClock,
): StatusError | undefined {
  const { resourceVersion, sendInitialEvents } = options;
  if (resourceVersion === undefined || resourceVersion === 0n) return undefined;
  if (resourceVersion > clock.latest) return tooLarge(resourceVersion, clock.latest);
  if (sendInitialEvents) return undefined;
  const isKnown =
    clock.isOwn(resourceVersion) && source.changesSince(resourceVersion) !== undefined;
  return isKnown
    ? undefined
    : expired(`too old resource version: ${resourceVersion} (${source.latest})`);
}

/** Everything there is, as ADDED; returns the version to go on from. */
async function* initialEvents(
  { kind, selection, options, encoder, deadlineMs, signal }: WatchRequest,
  source: ObjectSource,
): AsyncGenerator<Buffer, bigint> {
  await kind.informer.waitForSync(selection.clusters, deadlineMs, signal);
  const snapshot = source.snapshot();
  for (const [cluster, run] of snapshot.runs) {
    if (!kind.isMerged && !selection.selects(cluster)) continue;
    yield* chunks(
      run
        .values()
        .filter((object) => selection.matches(object))
        .map((object) => encoder.event('ADDED', object)),
    );
  }
  if (options.allowWatchBookmarks) yield encoder.bookmark(snapshot.version, true);
  return snapshot.version;
}

/** What a change is to those who see only the selected objects. */
function frames(
  { type, object, previous, version }: Change,
  { kind, selection, encoder }: WatchRequest,
): Buffer[] {
  if (!kind.isMerged && !selection.selects(object.cluster)) return [];
  const wasSeen = previous !== undefined && selection.matches(previous);
  const isSeen = type !== 'DELETED' && selection.matches(object);
  if (wasSeen && isSeen) return [encoder.event('MODIFIED', object)];
  if (isSeen) return [encoder.event('ADDED', object)];
  if (!wasSeen) return [];
  const last: StoredObject = type === 'DELETED' ? object : { ...previous, version };
  return [encoder.event('DELETED' satisfies EventType, last)];
}

function* chunks(lines: Iterable<Buffer>): Iterable<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const line of lines) {
    waiting.push(line);
    bytes += line.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (waiting.length > 0) yield Buffer.concat(waiting);
}

/** The line that ends a watch which can't go on. */
export function errorFrame(error: StatusError): Buffer {
  return Buffer.from(`{"type":"ERROR","object":${JSON.stringify(error.toStatus())}}\n`);
}

/** Wakes a watch once a turn of the event loop, however many changes there were. */
class Wake {
  readonly #signal: AbortSignal;
  readonly #unsubscribe: () => void;
  #resolve: (() => void) | undefined;

  constructor(source: ObjectSource, signal: AbortSignal) {
    this.#signal = signal;
    this.#unsubscribe = source.onChange(() => {
      if (this.#resolve) setImmediate(this.#resolve);
    });
    signal.addEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    this.#resolve?.();
  };

  async next(timeoutMs: number): Promise<void> {
    if (this.#signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#resolve = () => {
      resolve(undefined);
    };
    const timer = setTimeout(this.#resolve, Math.max(0, timeoutMs));
    await promise;
    clearTimeout(timer);
    this.#resolve = undefined;
  }

  close(): void {
    this.#unsubscribe();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
