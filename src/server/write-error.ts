import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { toStatusError, type StatusError } from '../kube/index.ts';

/**
 * Answers with the v1 Status of anything thrown: the one gate for failures. When the head is gone
 * already, the connection is cut, so that no client takes half an answer for a whole one.
 */
export function writeError(res: ServerResponse, thrown: unknown, log: Logger): void {
  const error = toStatusError(thrown);
  logError(error, log);
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const body = `${JSON.stringify(error.toStatus())}\n`;
  for (const name of ['Content-Encoding', 'ETag', 'Last-Modified']) res.removeHeader(name);
  res.setHeader('Content-Type', 'application/json');
  res.setHeader('Cache-Control', 'no-cache, private');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  const retryAfter = error.details?.retryAfterSeconds;
  if (retryAfter !== undefined && retryAfter > 0) res.setHeader('Retry-After', retryAfter);
  // The rest of a body that is too large is not worth reading.
  const isTooLarge = error.reason === 'RequestEntityTooLarge';
  if (isTooLarge) res.setHeader('Connection', 'close');
  res.writeHead(error.code);
  if (isTooLarge) endLater(res, body);
  else res.end(res.req.method === 'HEAD' ? undefined : body);
}

const LINGER_MS = 500;

/** A connection that is closed while the client still writes loses the answer: so not at once. */
function endLater(res: ServerResponse, body: string): void {
  const end = (): void => {
    clearTimeout(timer);
    if (!res.writableEnded) res.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  res.write(body);
  res.req.once('end', end).once('close', end).resume();
}

function logError(error: StatusError, log: Logger): void {
  if (error.reason === 'InternalError') log.error({ err: error.cause ?? error }, 'request failed');
  else log.debug({ err: error.cause, reason: error.reason }, error.message);
}
