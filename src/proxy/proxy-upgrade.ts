import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type StatusError, badRequest, toStatusError } from '../kube/index.ts';
import type { Member, MemberUpgradeResponse } from '../members/index.ts';
import { bodyMeter } from './body-meter.ts';
import { upgradeHeaders } from './forwarded-headers.ts';
import { joinSockets } from './join-sockets.ts';

const TIMEOUT_MS = 65_000;
const KEEP_ALIVE_AFTER_MS = 15_000;

export interface ProxyUpgradeOptions {
  readonly member: Member;
  readonly req: IncomingMessage;
  /** Of the server's `upgrade` event; owned from here on. */
  readonly socket: Duplex;
  /** Bytes that the client sent right after its request's head. */
  readonly head: Buffer;
  /** Raw path and query at the member, beginning with '/'. */
  readonly path: string;
  /** Until the member's response head; default 65 s. */
  readonly timeoutMs?: number;
}

/**
 * Takes an upgrade (WebSocket, SPDY) to a member and joins the two connections, parsing nothing. An
 * answer that is not 101 is relayed as it is, then the connection is closed; a failure is answered as a
 * Status. Resolves when the client's connection is closed; never rejects.
 */
export async function proxyUpgrade(options: ProxyUpgradeOptions): Promise<void> {
  const { socket, head } = options;
  socket.on('error', () => undefined);
  keepOpen(socket);
  try {
    const answer = await askMember(options);
    if (socket.destroyed) {
      answer.socket.destroy();
      return;
    }
    socket.write(Buffer.concat([answer.rawHead, ...(isSwitch(answer) ? [answer.head] : [])]));
    if (!isSwitch(answer)) {
      await relayBody(answer, socket);
      return;
    }
    if (head.length > 0) answer.socket.write(head);
    await joinSockets(socket, answer.socket);
  } catch (error) {
    if (!socket.destroyed) socket.end(statusResponse(toStatusError(error)), () => socket.destroy());
  }
}

function isSwitch({ statusCode }: MemberUpgradeResponse): boolean {
  return statusCode === 101;
}

/** Nobody cuts a quiet shell but its two ends. */
function keepOpen(socket: Duplex): void {
  if (!(socket instanceof Socket)) return;
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
}

async function askMember(options: ProxyUpgradeOptions): Promise<MemberUpgradeResponse> {
  const { member, req, socket, path, timeoutMs = TIMEOUT_MS } = options;
  if (hasBody(req)) throw badRequest('a request that upgrades its connection must have no body');
  const gone = new AbortController();
  const onClose = (): void => {
    gone.abort();
  };
  socket.once('close', onClose);
  try {
    return await member.upgrade({
      method: req.method ?? 'GET',
      path,
      rawHeaders: upgradeHeaders(req.rawHeaders),
      timeoutMs,
      signal: gone.signal,
    });
  } finally {
    socket.off('close', onClose);
  }
}

/** What follows the head would be taken for the upgraded protocol's bytes, or for a second request. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

async function relayBody(
  { rawHead, statusCode, head, socket: source }: MemberUpgradeResponse,
  target: Duplex,
): Promise<void> {
  const meter = bodyMeter(rawHead.toString('latin1'), statusCode);
  try {
    let chunk: Buffer | null = head;
    const chunks = source.iterator({ destroyOnReturn: true }) as AsyncIterator<Buffer>;
    while (chunk && !target.destroyed) {
      const isFlowing = target.write(chunk.subarray(0, meter.take(chunk)));
      if (meter.isDone) break;
      if (!isFlowing) await drained(target);
      const next: IteratorResult<Buffer, unknown> = await chunks.next();
      chunk = next.done === true ? null : next.value;
    }
    target.end(() => target.destroy());
  } catch {
    // A part must not be taken for the whole.
    target.destroy();
  } finally {
    source.destroy();
  }
}

async function drained(target: Duplex): Promise<void> {
  return new Promise((resolve) => {
    target.once('drain', resolve).once('close', resolve);
  });
}

function statusResponse(error: StatusError): string {
  const body = JSON.stringify(error.toStatus());
  const retryAfter = error.details?.retryAfterSeconds;
  const lines = [
    `HTTP/1.1 ${error.code} ${STATUS_CODES[error.code] ?? ''}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-cache, private',
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
