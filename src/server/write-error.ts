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
  if (error.reason === 'RequestEntityTooLarge') res.setHeader('Connection', 'close');
  res.writeHead(error.code);
  res.end(res.req.method === 'HEAD' ? undefined : body);
}

function logError(error: StatusError, log: Logger): void {
  if (error.reason === 'InternalError') log.error({ err: error.cause ?? error }, 'request failed');
  else log.debug({ err: error.cause, reason: error.reason }, error.message);
}
