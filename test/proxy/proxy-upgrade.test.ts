import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TLSSocket, connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type ProxyUpgradeOptions, proxyUpgrade } from '../../src/proxy/index.ts';
import {
  type Loopback,
  authority,
  listenHttps,
  listenTls,
  memberAt,
} from '../support/loopback-member.ts';

const MIB = 1024 * 1024;
const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
function use<T extends { close: () => Promise<void> }>(one: T): T {
  open.push(one);
  return one;
}

async function listenProxy(
  target: Loopback,
  options: Partial<ProxyUpgradeOptions> = {},
): Promise<Loopback> {
  const member = use(memberAt(target.url));
  return use(
    await listenHttps((_req, res) => res.end(), {
      onUpgrade: (req, socket, head) => {
        void proxyUpgrade({ member, req, socket, head, path: req.url ?? '/', ...options });
      },
    }),
  );
}

/** A member that answers each upgrade's raw head as told, then gives its socket away. */
async function listenSwitch(answer: (head: string, socket: TLSSocket) => void): Promise<Loopback> {
  return use(
    await listenTls((socket) => {
      let text = '';
      const onData = (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (!text.includes('\r\n\r\n')) return;
        socket.off('data', onData);
        answer(text, socket);
      };
      socket.on('data', onData);
    }),
  );
}

const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nupgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n';

async function dial(front: Loopback, head: string): Promise<TLSSocket> {
  const socket = connect({ port: front.port, host: '127.0.0.1', ca: authority.certificate });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(head);
  return socket;
}

const spdy = (more = '') =>
  `POST /api/v1/namespaces/n/pods/p/exec?command=sh HTTP/1.1\r\nHost: us\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v5.channel.k8s.io\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nAuthorization: Bearer theirs\r\n${more}\r\n`;

async function readAll(socket: Duplex): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await once(socket, 'close');
  return text;
}

describe('a proxied upgrade', () => {
  it('brings head, early bytes and answers of both sides through, verbatim', async () => {
    let seen = '';
    const target = await listenSwitch((head, socket) => {
      seen = head;
      socket.write(`${SWITCH}early of the member`);
      socket.on('data', (chunk: Buffer) => socket.end(`|echo ${chunk.toString()}`));
    });

    const socket = await dial(await listenProxy(target), `${spdy()}early of the client`);

    expect(await readAll(socket)).toBe(`${SWITCH}early of the member|echo early of the client`);
    const [requestLine, ...headers] = seen.trimEnd().split('\r\n');
    expect(requestLine).toBe('POST /api/v1/namespaces/n/pods/p/exec?command=sh HTTP/1.1');
    expect(headers).toEqual([
      `Host: 127.0.0.1:${target.port}`,
      'Authorization: Bearer ours',
      'Connection: Upgrade',
      'Upgrade: SPDY/3.1',
      'X-Stream-Protocol-Version: v5.channel.k8s.io',
      'X-Stream-Protocol-Version: v4.channel.k8s.io',
    ]);
  });

  it('carries WebSockets, subprotocol and pings included, with bulk both ways', async () => {
    const target = use(await listenHttps((_req, res) => res.end()));
    const sockets = new WebSocketServer({ noServer: true });
    target.server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      sockets.handleUpgrade(req, socket, head, (peer) => {
        peer.on('message', (data: Buffer) => {
          peer.send(data);
        });
      });
    });
    const { url } = await listenProxy(target);
    const client = new WebSocket(`${url.replace('https', 'wss')}/exec`, ['v5.channel.k8s.io'], {
      ca: authority.certificate,
    });
    await once(client, 'open');
    expect(client.protocol).toBe('v5.channel.k8s.io');

    client.ping('still there');
    expect(String((await once(client, 'pong'))[0])).toBe('still there');
    const bulk = Buffer.alloc(20 * MIB, 'b');
    client.send(bulk);
    const [echo] = (await once(client, 'message')) as [Buffer];

    expect(echo.equals(bulk)).toBe(true);
    client.close(1000, 'done');
    expect(String((await once(client, 'close'))[0])).toBe('1000');
    await expect.poll(() => target.sockets.size).toBe(0);
  });

  it('does not read a side faster than the other takes it', async () => {
    let sent = 0;
    const target = await listenSwitch((_head, socket) => {
      socket.write(SWITCH);
      const more = () => {
        while (sent < 300 * MIB) {
          sent += 64 * 1024;
          if (!socket.write(Buffer.alloc(64 * 1024))) return void socket.once('drain', more);
        }
      };
      more();
    });
    const socket = await dial(await listenProxy(target), spdy());
    socket.pause();

    await sleep(700);

    expect(sent).toBeLessThan(60 * MIB);
    socket.destroy();
    await expect.poll(() => target.sockets.size).toBe(0);
  });

  it('delivers the last words of a member that ends, even to a client that is still talking', async () => {
    const target = await listenSwitch((_head, socket) => {
      socket.end(`${SWITCH}${'x'.repeat(MIB)}exit status 0`);
    });
    const socket = await dial(await listenProxy(target), spdy());
    const talking = setInterval(() => socket.write('ping'), 1);

    const text = await readAll(socket);
    clearInterval(talking);

    expect(text).toHaveLength(SWITCH.length + MIB + 'exit status 0'.length);
  });

  it.each(['member', 'client'])('closes both sides when the %s is cut off', async (who) => {
    let memberSide: TLSSocket | undefined;
    const target = await listenSwitch((_head, socket) => {
      memberSide = socket;
      socket.write(SWITCH);
    });
    const front = await listenProxy(target);
    const socket = await dial(front, spdy());
    await once(socket, 'data');

    if (who === 'member') memberSide?.destroy();
    else socket.destroy();

    await expect.poll(() => target.sockets.size + front.sockets.size, { timeout: 4_000 }).toBe(0);
  });

  it('closes both sides when the client ends and the member does not', async () => {
    const target = await listenSwitch((_head, socket) => void socket.write(SWITCH));
    const front = await listenProxy(target);
    const socket = await dial(front, spdy());
    await once(socket, 'data');

    socket.end();

    await expect.poll(() => target.sockets.size + front.sockets.size, { timeout: 4_000 }).toBe(0);
  });
});

describe('an upgrade that does not happen', () => {
  it.each([
    {
      title: 'of known length',
      answer: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nnot so',
    },
    {
      title: 'in chunks',
      answer: 'HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n0\r\n\r\n',
    },
    { title: 'that is a success', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' },
  ])('relays an answer $title as it is and closes', async ({ answer }) => {
    const target = await listenSwitch((_head, socket) => {
      socket.write(answer.slice(0, 50));
      setTimeout(() => socket.write(answer.slice(50)), 50);
    });
    const socket = await dial(await listenProxy(target), spdy());

    expect(await readAll(socket)).toBe(answer);
    await expect.poll(() => target.sockets.size).toBe(0);
  });

  it('passes by what is said in the meantime', async () => {
    const target = await listenSwitch((_head, socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n');
      setTimeout(() => socket.end(`${SWITCH}now`), 30);
    });

    expect(await readAll(await dial(await listenProxy(target), spdy()))).toBe(`${SWITCH}now`);
  });

  it.each([
    { title: 'the member is down', listen: undefined, want: [503, 'ServiceUnavailable'] },
    { title: 'the member is silent', listen: () => undefined, want: [504, 'Timeout'] },
    {
      title: 'the member speaks garbage',
      listen: (_head: string, socket: TLSSocket) =>
        void socket.write('220 smtp ready at your service\r\n'),
      want: [503, 'ServiceUnavailable'],
    },
    {
      title: 'the member hangs up',
      listen: (_head: string, socket: TLSSocket) => void socket.destroy(),
      want: [503, 'ServiceUnavailable'],
    },
  ])('is answered with a Status when $title', async ({ listen, want }) => {
    const target = await listenSwitch(listen ?? (() => undefined));
    if (!listen) await target.close();
    const front = await listenProxy(target, { timeoutMs: 300 });

    const text = await readAll(await dial(front, spdy()));

    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${want[0]} `));
    expect(JSON.parse(body)).toMatchObject({ kind: 'Status', code: want[0], reason: want[1] });
    await expect.poll(() => target.sockets.size).toBe(0);
  });

  it.each(['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n'])(
    'is refused with a body (%j): nothing of it reaches the member',
    async (line) => {
      const target = await listenSwitch(() => undefined);
      const front = await listenProxy(target);

      const text = await readAll(await dial(front, `${spdy(line)}hello`));

      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(target.accepted()).toBe(0);
    },
  );
});
