import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

/** What a client may send on a watch: nothing but control frames. */
const MAX_INBOUND_BYTES = 4096;
/** Bytes that may wait for a slow reader before the watch waits with it. */
const HIGH_WATER_BYTES = 1024 * 1024;
const DRAIN_CHECK_MS = 20;

const handshakes = new WebSocketServer({
  noServer: true,
  maxPayload: MAX_INBOUND_BYTES,
  perMessageDeflate: false,
});

interface UpgradeRequest {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Sends a watch over a WebSocket: each line is one text message, as kube-apiserver does it. */
export async function sendWatch(
  request: UpgradeRequest,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const webSocket = await accept(request);
  const closed = new AbortController();
  webSocket.on('close', () => {
    closed.abort();
  });
  webSocket.on('error', () => {
    closed.abort();
  });
  for await (const piece of pieces) {
    for (const line of piece.toString('utf8').split('\n')) {
      if (line !== '') webSocket.send(line);
    }
    await drained(webSocket, closed.signal);
    if (closed.signal.aborted) return;
  }
  if (closed.signal.aborted) return;
  webSocket.close(1000);
  await once(closed.signal, 'abort');
}

async function accept({ req, socket, head }: UpgradeRequest): Promise<WebSocket> {
  return new Promise((resolve) => {
    handshakes.handleUpgrade(req, socket, head, resolve);
  });
}

/** A slow reader is waited for, so that nothing piles up here. */
async function drained(webSocket: WebSocket, closed: AbortSignal): Promise<void> {
  while (webSocket.bufferedAmount > HIGH_WATER_BYTES && !closed.aborted) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
  }
}
