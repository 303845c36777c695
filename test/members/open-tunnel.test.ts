import { once } from 'node:events';
import * as http from 'node:http';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { accessTo, listenHttps, memberAt } from '../support/loopback-member.ts';

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
function use<T extends { close: () => unknown }>(one: T): T {
  open.push(one);
  return one;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function join(one: Socket, other: Socket): void {
  one.pipe(other).on('error', () => one.destroy());
  other.pipe(one).on('error', () => other.destroy());
}

/** An HTTP proxy that wants ann:s3. */
async function listenConnectProxy(seen: string[]): Promise<number> {
  const proxy = use(http.createServer());
  proxy.on('connect', (req, client: Socket) => {
    seen.push(req.url ?? '');
    const login = `Basic ${Buffer.from('ann:s3').toString('base64')}`;
    if (req.headers['proxy-authorization'] !== login) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const port = Number((req.url ?? '').split(':').at(-1));
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      join(client, target);
    });
  });
  return portOf(proxy);
}

/** A SOCKS 5 proxy that wants ann:s3 and says each byte in a packet of its own. */
async function listenSocksProxy(seen: string[]): Promise<number> {
  const proxy = use(
    createServer((client) => {
      client.setNoDelay(true).on('error', () => undefined);
      const say = async (...bytes: number[]) => {
        for (const byte of bytes) {
          client.write(Buffer.from([byte]));
          await new Promise(setImmediate);
        }
      };
      const steps = [
        async () => say(5, 2),
        async (chunk: Buffer) => {
          seen.push(chunk.toString('latin1', 2, 5));
          await say(1, chunk.toString('latin1', 6) === 's3' ? 0 : 1);
        },
        async (chunk: Buffer) => {
          const isName = chunk[3] === 3;
          seen.push(
            isName ? chunk.toString('latin1', 5, chunk.length - 2) : chunk.subarray(4, 8).join('.'),
          );
          const target = connect(chunk.readUInt16BE(chunk.length - 2), '127.0.0.1');
          await once(target, 'connect');
          client.off('data', onData);
          await say(5, 0, 0, 3, 2, 65, 66, 0, 80);
          join(client, target);
        },
      ];
      const onData = (chunk: Buffer) => void steps.shift()?.(chunk);
      client.on('data', onData);
    }),
  );
  return portOf(proxy);
}

async function readThrough(server: string, proxy: string): Promise<string> {
  const member = use(memberAt(server, { access: accessTo(server, { proxy: new URL(proxy) }) }));
  return member.fetch({ method: 'GET', path: '/', timeoutMs: 3_000 }).then(
    ({ body }) => body.toString(),
    (error: unknown) => (error as Error).message,
  );
}

describe('a member behind a proxy', () => {
  it('is reached by CONNECT', async () => {
    const seen: string[] = [];
    const { port } = use(await listenHttps((_req, res) => res.end('through')));
    const proxy = await listenConnectProxy(seen);

    expect(await readThrough(`https://localhost:${port}`, `http://ann:s3@127.0.0.1:${proxy}`)).toBe(
      'through',
    );
    expect(seen).toEqual([`localhost:${port}`]);
  });

  it('is reached by SOCKS 5, names looked up by the proxy', async () => {
    const seen: string[] = [];
    const { port } = use(await listenHttps((_req, res) => res.end('through')));
    const proxy = await listenSocksProxy(seen);
    const address = `socks5://ann:s3@127.0.0.1:${proxy}`;

    expect(await readThrough(`https://localhost:${port}`, address)).toBe('through');
    expect(await readThrough(`https://127.0.0.1:${port}`, address)).toBe('through');
    expect(seen).toEqual(['ann', 'localhost', 'ann', '127.0.0.1']);
  });

  it.each([
    { title: 'http', scheme: 'http', listen: listenConnectProxy, want: /answered 407 to CONNECT/ },
    { title: 'socks5', scheme: 'socks5', listen: listenSocksProxy, want: /refused the user name/ },
  ])('that refuses us over $title is named', async ({ scheme, listen, want }) => {
    const proxy = `127.0.0.1:${await listen([])}`;

    const failure = await readThrough('https://127.0.0.1:9', `${scheme}://ann:bad@${proxy}`);

    expect(failure).toMatch(want);
    expect(failure).toContain(`its proxy ${proxy} failed`);
    expect(failure).not.toContain('bad');
  });

  it('that is down is named', async () => {
    expect(await readThrough('https://127.0.0.1:9', 'socks5://127.0.0.1:1')).toMatch(
      /its proxy 127\.0\.0\.1:1 failed .*check `proxy-url`/,
    );
  });
});
