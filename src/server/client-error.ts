import type { Duplex } from 'node:stream';
import { StatusError, badRequest } from '../kube/index.ts';

interface ParserError extends Error {
  readonly code?: string;
}

/**
 * Answers what the HTTP parser refused (broken framing, oversized head) with a v1 Status and
 * closes: after such an error nobody can tell where the next request begins.
 */
export function answerClientError(error: ParserError, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = statusOf(error);
  const body = `${JSON.stringify(status.toStatus())}\n`;
  const head = [
    `HTTP/1.1 ${status.code} ${status.code === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}`,
    'Content-Type: application/json',
    'Cache-Control: no-cache, private',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => {
    socket.destroy();
  });
}

function statusOf({ code }: ParserError): StatusError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new StatusError('RequestHeaderFieldsTooLarge', 'the request header is too large');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return badRequest('the request did not arrive in time');
  return badRequest('the request is not valid HTTP/1.1');
}
