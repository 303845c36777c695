import type { OwnObject } from '../api/index.ts';
import {
  INITIAL_EVENTS_END_ANNOTATION,
  StatusError,
  expired,
  parseWatchOptions,
  type WatchOptions,
} from '../kube/index.ts';
import type { Exchange } from './exchange.ts';
import type { OwnCollection, OwnEvent } from './own-collection.ts';
import { selection, type Selects } from './own-selection.ts';
import { renderObject, type Look } from './render-own.ts';

const BOOKMARK_MS = 60_000;
/** A watch without a wish ends after this to twice this, as kube-apiserver's. */
const MIN_TIMEOUT_MS = 1_800_000;
/** Unsent bytes of a client that reads too slowly; it is cut, and resumes. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

interface Watch {
  readonly exchange: Exchange;
  readonly collection: OwnCollection;
  readonly options: WatchOptions;
  readonly selects: Selects;
  readonly look: () => Look;
}

/**
 * Streams changes of a kind of ours until the client goes, the time is over or the server closes.
 * @param name - watches one object only; '' for all
 */
export async function watchOwn(
  exchange: Exchange,
  { collection, name, look }: { collection: OwnCollection; name: string; look: () => Look },
): Promise<void> {
  const options = parseWatchOptions(exchange.query);
  const selects = selection(options.labelSelector, options.fieldSelector, name);
  const watch = { exchange, collection, options, selects, look };
  exchange.res.writeHead(200, { 'Content-Type': 'application/json' });
  exchange.res.flushHeaders();
  const send = sender(watch);
  const past = firstEvents(watch);
  if (past instanceof StatusError) {
    send.raw('ERROR', past.toStatus());
    exchange.res.end();
    return;
  }
  for (const event of past) send.event(event);
  if (options.sendInitialEvents && options.allowWatchBookmarks) send.bookmark(true);
  await follow(watch, send);
}

type Sender = ReturnType<typeof sender>;

function sender({ exchange: { res }, collection, options, selects, look }: Watch) {
  const { definition } = collection;
  let hasSentColumns = false;
  const raw = (type: string, object: object): void => {
    if (res.writableEnded || res.destroyed) return;
    res.write(`${JSON.stringify({ type, object })}\n`);
    if (res.writableLength > MAX_UNSENT_BYTES) res.destroy();
  };
  const rendered = (type: string, object: OwnObject): void => {
    raw(type, renderObject(definition, object, { look: look(), withColumns: !hasSentColumns }));
    hasSentColumns = true;
  };
  return {
    raw,
    event: (event: OwnEvent): void => {
      const type = seenType(event, selects);
      if (type) rendered(type, event.object);
    },
    bookmark: (endsInitialEvents: boolean): void => {
      if (!options.allowWatchBookmarks) return;
      rendered('BOOKMARK', bookmarkObject(collection, endsInitialEvents));
    },
  };
}

/** A change of what is selected looks like an object that comes or goes. */
function seenType(
  { type, object, previous }: OwnEvent,
  selects: Selects,
): OwnEvent['type'] | undefined {
  const isNow = type !== 'DELETED' && selects(object);
  const wasBefore = previous !== undefined && selects(previous);
  if (isNow) return wasBefore ? 'MODIFIED' : 'ADDED';
  return wasBefore ? 'DELETED' : undefined;
}

function bookmarkObject(
  { definition, version }: OwnCollection,
  endsInitialEvents: boolean,
): OwnObject {
  const annotations = endsInitialEvents ? { [INITIAL_EVENTS_END_ANNOTATION]: 'true' } : undefined;
  const metadata = {
    resourceVersion: String(version),
    creationTimestamp: null,
    ...(annotations && { annotations }),
  };
  const { group, kind } = definition;
  return {
    apiVersion: `${group}/${definition.version}`,
    kind,
    metadata: metadata as unknown as OwnObject['metadata'],
  };
}

/** What the watch begins with: all that exists, or what happened since its version. */
function firstEvents({ collection, options }: Watch): OwnEvent[] | StatusError {
  const from = options.resourceVersion ?? 0n;
  if (from > collection.version) return tooLarge(from, collection.version);
  if (options.sendInitialEvents) {
    const { version } = collection;
    return collection
      .list()
      .map((object) => ({ type: 'ADDED', object, previous: undefined, version }));
  }
  if (from === 0n) return [];
  const missed = collection.eventsAfter(from);
  return missed ?? expired(`too old resource version: ${from} (${collection.version})`);
}

/** 504 of a version that nobody issued yet; clients relist on it. */
export function tooLarge(wanted: bigint, current: bigint): StatusError {
  const message = `Too large resource version: ${wanted}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new StatusError('Timeout', message, { details: { causes, retryAfterSeconds: 1 } });
}

async function follow({ exchange, collection, options }: Watch, send: Sender): Promise<void> {
  const { res, signal } = exchange;
  const timeoutMs =
    options.timeoutSeconds !== undefined && options.timeoutSeconds > 0
      ? options.timeoutSeconds * 1000
      : MIN_TIMEOUT_MS * (1 + Math.random());
  const unsubscribe = collection.subscribe(send.event);
  const bookmarks = setInterval(() => {
    send.bookmark(false);
  }, BOOKMARK_MS);
  await ended(signal, timeoutMs);
  unsubscribe();
  clearInterval(bookmarks);
  send.bookmark(false);
  res.end();
}

/** Resolves when the time is over or the signal says so. */
async function ended(signal: AbortSignal, timeoutMs: number): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    // Longer than a timer can be is as good as for ever: the signal ends it.
    const timer = setTimeout(done, Math.min(timeoutMs, 2 ** 31 - 1));
    signal.addEventListener('abort', done);
  });
}
