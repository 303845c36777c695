import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { listenHttps, memberAt, type Loopback } from '../support/loopback-member.ts';
import { openServer, type OpenServer } from './open-server.ts';

const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';

/** Everything a connection receives, until it ends. */
function received(socket: TLSSocket): { text: () => string; ended: Promise<unknown> } {
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  return { text: () => text, ended: once(socket, 'close') };
}

async function seen(source: { text: () => string }, part: string): Promise<void> {
  while (!source.text().includes(part)) await sleep(5);
}

describe('closing', () => {
  let open: OpenServer;
  let backend: Loopback | undefined;
  afterEach(async () => backend?.close());

  it('readyz fails first while requests are still served, livez does not', async () => {
    open = await openServer({ shutdownDelayMs: 600 });
    const closed = open.close();

    const ready = await open.ask('/readyz', { as: undefined });
    const live = await open.ask('/livez', { as: undefined });
    const list = await open.ask(CLUSTERS);
    await closed;

    expect([ready.code, live.code, list.code]).toEqual([500, 200, 200]);
    expect(ready.text).toContain('[-]shutdown failed');
    expect(list.headers['connection']).toBe('close');
    await expect(open.ask('/livez')).rejects.toThrow();
  });

  it('a watch of ours ends as a whole answer', async () => {
    open = await openServer();
    const socket = await open.connect();
    const stream = received(socket);
    socket.write(`GET ${CLUSTERS}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    await seen(stream, '\r\n\r\n');
    await open.close();
    await stream.ended;

    expect(stream.text()).toMatch(/0\r\n\r\n$/);
  });

  it("a member's watch ends as a whole answer", async () => {
    backend = await listenHttps((_req, res) => {
      res.write('{"type":"ADDED"}\n');
    });
    open = await openServer({ members: [memberAt(backend.url)] });
    const socket = await open.connect();
    const stream = received(socket);
    socket.write(`GET ${CLUSTERS}/m1/proxy/api/v1/pods?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    await seen(stream, 'ADDED');
    await open.close();
    await stream.ended;

    expect(stream.text()).toMatch(/\r\n0\r\n\r\n$/);
  });

  it('an answer under way is finished', async () => {
    backend = await listenHttps((_req, res) => {
      res.write('begin');
      setTimeout(() => res.end('-end'), 300);
    });
    open = await openServer({ members: [memberAt(backend.url)] });
    const socket = await open.connect();
    const stream = received(socket);
    socket.write(`GET ${CLUSTERS}/m1/proxy/slow HTTP/1.1\r\nHost: x\r\n\r\n`);
    await seen(stream, 'begin');
    await open.close();
    await stream.ended;

    expect(stream.text()).toMatch(/-end\r\n0\r\n\r\n$/);
  });

  it('streams that left HTTP are cut', async () => {
    backend = await listenHttps(() => undefined, {
      onUpgrade: (_req, socket) => {
        socket.on('error', () => undefined);
        socket.write('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nopen');
      },
    });
    open = await openServer({ members: [memberAt(backend.url)] });
    const socket = await open.connect();
    socket.on('error', () => undefined);
    const stream = received(socket);
    socket.write(
      `GET ${CLUSTERS}/m1/proxy/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`,
    );
    await seen(stream, 'open');
    await open.close();
    await stream.ended;

    expect(stream.text()).toContain('101');
  });

  it('a client that never reads does not hold it up for ever', { timeout: 20_000 }, async () => {
    backend = await listenHttps((_req, res) => {
      const more = (): void => {
        while (res.write(Buffer.alloc(65_536)));
        res.once('drain', more);
      };
      more();
    });
    open = await openServer({ members: [memberAt(backend.url)] });
    const socket = await open.connect();
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET ${CLUSTERS}/m1/proxy/huge HTTP/1.1\r\nHost: x\r\n\r\n`);
    await sleep(300);
    const startedAt = Date.now();
    await open.close();

    expect(Date.now() - startedAt).toBeLessThan(10_000);
  });

  it('idle connections are closed at once', async () => {
    open = await openServer();
    const socket = await open.connect();
    const stream = received(socket);
    socket.write('GET /version HTTP/1.1\r\nHost: x\r\n\r\n');
    await seen(stream, 'gitVersion');
    const startedAt = Date.now();
    await open.close();

    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });
});
