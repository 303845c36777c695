import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import { MISSING_HEADER, parseResourceRequest, STALE_HEADER, StatusError } from '../kube/index.ts';
import { proxyRequest, proxyUpgrade } from '../proxy/index.ts';
import {
  KARMADA_VIEW,
  VIEW_ALL,
  type Answer,
  type Passage,
  type View,
  type ViewRequest,
  type Views,
} from '../views/index.ts';
import type { Exchange, UpgradeExchange, ViewHandler } from './exchange.ts';
import { sendWatch } from './watch-socket.ts';

/** Largest body of a write, as kube-apiserver bounds it. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Bodies are gathered to this size before they are written. */
const WRITE_BYTES = 256 * 1024;
/** Smaller answers are not worth compressing, as kube-apiserver has it. */
const GZIP_FROM_BYTES = 128 * 1024;

const VIEWS: ReadonlyMap<string, View> = new Map(
  [VIEW_ALL, KARMADA_VIEW].map((view) => [view.name, view]),
);

/** Speaks HTTP for the views. */
export function createViewHandler(views: Views): ViewHandler {
  return {
    async handle(name, exchange) {
      const answer = await views
        .handle(viewRequest(name, exchange))
        .catch((thrown: unknown) => warnOfDocument(thrown, exchange));
      if ('member' in answer) await pass(exchange, answer);
      else await write(exchange, answer);
    },
    async upgrade(name, exchange) {
      const answer = await views.handle(viewRequest(name, exchange));
      if ('member' in answer) await passUpgrade(exchange, answer);
      else if (answer.isStream && isWebSocket(exchange.req)) await sendWatch(exchange, answer.body);
      else await write(exchange, answer);
    },
  };
}

/** Clients have words of their own for discovery that fails, but they do show warnings. */
function warnOfDocument(thrown: unknown, { req, path, query, addWarning }: Exchange): never {
  const isDocument = parseResourceRequest(req.method ?? 'GET', path, query) === undefined;
  if (isDocument && thrown instanceof StatusError && thrown.reason === 'ServiceUnavailable')
    addWarning(thrown.message);
  throw thrown;
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

function viewRequest(name: string, exchange: Exchange): ViewRequest {
  const view = VIEWS.get(name);
  if (!view) {
    throw new StatusError('NotFound', `views.flotilla.io "${name}" not found`, {
      details: { name, group: 'flotilla.io', kind: 'views' },
    });
  }
  const { req, path, query, user, signal } = exchange;
  return {
    view,
    method: req.method ?? 'GET',
    path,
    query,
    headers: req.headers,
    user,
    readBody: async () => readBody(exchange),
    signal,
  };
}

/** Reads no further than the limit, and leaves the connection fit to say so. */
async function readBody({ req }: Exchange): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = Number(req.headers['content-length'] ?? 0);
  if (bytes > MAX_BODY_BYTES) throw tooLarge();
  bytes = 0;
  const stream: AsyncIterable<Buffer> = req.iterator({ destroyOnReturn: false });
  try {
    for await (const part of stream) {
      bytes += part.length;
      if (bytes > MAX_BODY_BYTES) throw tooLarge();
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof StatusError) throw cause;
    throw new StatusError('BadRequest', 'the request body did not arrive whole', { cause });
  }
  return Buffer.concat(parts);
}

function tooLarge(): StatusError {
  const message = `Request entity too large: limit is ${MAX_BODY_BYTES}`;
  return new StatusError('RequestEntityTooLarge', message);
}

async function pass({ req, res }: Exchange, { member, path }: Passage): Promise<void> {
  await proxyRequest({ member, req, res, path });
}

async function passUpgrade(
  { req, socket, head }: UpgradeExchange,
  { member, path }: Passage,
): Promise<void> {
  await proxyUpgrade({ member, req, socket, head, path });
}

async function write(exchange: Exchange, answer: Answer): Promise<void> {
  const { res } = exchange;
  writeHeaders(exchange, answer);
  if (exchange.req.method === 'HEAD') res.end();
  else if (answer.isStream) await writeStream(exchange, answer.body);
  else await writeWhole(exchange, answer.body);
}

function writeHeaders(
  exchange: Exchange,
  { statusCode, contentType, headers, freshness = [], warnings = [] }: Answer,
): void {
  const { res } = exchange;
  for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value);
  res.setHeader('Content-Type', contentType);
  res.statusCode = statusCode;
  const stale = freshness.filter(({ state }) => state === 'stale');
  const missing = freshness.filter(({ state }) => state === 'missing');
  if (stale.length > 0) res.setHeader(STALE_HEADER, stale.map(({ cluster }) => cluster).join(','));
  if (missing.length > 0)
    res.setHeader(MISSING_HEADER, missing.map(({ cluster }) => cluster).join(','));
  for (const { cluster, ageMs } of stale) {
    const age = ageMs === undefined ? '' : ` of ${Math.max(1, Math.round(ageMs / 1000))}s ago`;
    exchange.addWarning(
      `cluster ${cluster} does not answer: its last known objects${age} are shown`,
    );
  }
  for (const { cluster, lastError } of missing) {
    exchange.addWarning(
      `cluster ${cluster} was never read, so its objects are missing${lastError === undefined ? '' : `: ${lastError}`}`,
    );
  }
  for (const text of warnings) exchange.addWarning(text);
}

/** A watch: the head goes out before the first event, each piece as it comes. */
async function writeStream({ res, signal }: Exchange, body: Answer['body']): Promise<void> {
  res.flushHeaders();
  for await (const piece of body) {
    if (!res.write(piece)) await drained(res, signal);
    if (res.destroyed) return;
  }
  res.end();
}

async function writeWhole({ req, res, signal }: Exchange, body: Answer['body']): Promise<void> {
  const pieces = gather(body);
  const { value: first = Buffer.alloc(0) } = await pieces.next();
  if (first.length < GZIP_FROM_BYTES) {
    res.setHeader('Content-Length', first.length);
    res.end(first);
    return;
  }
  const sink = acceptsGzip(req) && !res.hasHeader('Content-Encoding') ? gzipInto(res) : res;
  if (!sink.write(first)) await drained(sink, signal);
  for await (const piece of pieces) {
    if (!sink.write(piece)) await drained(sink, signal);
    if (res.destroyed) return;
  }
  sink.end();
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(headers['accept-encoding']));
}

function gzipInto(res: ServerResponse): NodeJS.WritableStream {
  const gzip = createGzip({ level: 1 });
  res.setHeader('Content-Encoding', 'gzip');
  res.setHeader('Vary', 'Accept-Encoding');
  gzip.on('error', () => res.destroy());
  res.on('close', () => gzip.destroy());
  gzip.pipe(res);
  return gzip;
}

/** Joins small pieces, and lets others run between large ones. */
async function* gather(body: Answer['body']): AsyncGenerator<Buffer, undefined> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < WRITE_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
  return undefined;
}

/** Waits until a slow reader has caught up, or is gone. */
async function drained(sink: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await Promise.race([once(sink, 'drain', { signal }), once(sink, 'close', { signal })]).catch(
    () => undefined,
  );
}
