import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sendWatch } from '../../src/server/watch-socket.ts';

type Pieces = Parameters<typeof sendWatch>[1];

let server: Server | undefined;

async function openSocket(pieces: Pieces): Promise<{ client: WebSocket; sent: Promise<unknown> }> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  server = createServer();
  server.on('upgrade', (req, socket, head) => {
    resolve(sendWatch({ req, socket, head }, pieces));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { client: new WebSocket(`ws://127.0.0.1:${port}`), sent: promise };
}

describe('a watch over a WebSocket', () => {
  afterEach(() => server?.close());

  it('sends each line as a message of its own, and closes in good order', async () => {
    const { client, sent } = await openSocket([
      Buffer.from('{"a":1}\n{"b":"ü"}\n'),
      Buffer.from('{}\n'),
    ]);
    const messages: string[] = [];
    client.on('message', (data: Buffer) => messages.push(data.toString()));

    const [code] = (await once(client, 'close')) as [number];
    await sent;

    expect(messages).toEqual(['{"a":1}', '{"b":"ü"}', '{}']);
    expect(code).toBe(1000);
  });

  it.each(['close', 'terminate'] as const)('ends when its client does: %s', async (how) => {
    const over = Promise.withResolvers<undefined>();
    async function* pieces(): AsyncGenerator<Buffer> {
      yield Buffer.from('{}\n');
      await over.promise;
    }
    const { client, sent } = await openSocket(pieces());
    await once(client, 'message');

    client[how]();
    await once(client, 'close');
    await sleep(50);
    over.resolve(undefined);

    await sent;
  });

  it('does not run ahead of a reader that is slow', async () => {
    let made = 0;
    function* pieces(): Generator<Buffer> {
      for (; made < 400; made += 1) yield Buffer.from(`"${'x'.repeat(100_000)}"\n`);
    }
    const { client, sent } = await openSocket(pieces());
    let received = 0;
    client.on('message', () => (received += 1));
    await once(client, 'open');
    client.pause();
    await sleep(300);
    const ahead = made;

    client.resume();
    await sent;

    expect(ahead).toBeLessThan(200);
    expect(received).toBe(400);
  });
});
