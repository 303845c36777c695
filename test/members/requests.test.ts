import { once } from 'node:events';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectedMember } from '../../src/members/index.ts';
import {
  accessTo,
  authority,
  fixedHealth,
  listenHttp,
  listenHttps,
  listenTls,
  memberAt,
  stranger,
} from '../support/loopback-member.ts';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
function use<T extends { close: () => Promise<void> }>(one: T): T {
  open.push(one);
  return one;
}

const get = { method: 'GET', path: '/x', headersTimeoutMs: 2_000, bodyTimeoutMs: 2_000 };

async function unavailable(member: ConnectedMember, options: object = {}): Promise<string> {
  const error: unknown = await member.request({ ...get, ...options }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'StatusError', details: { name: 'm1' } });
  return `${(error as { reason: string }).reason}: ${(error as Error).message}`;
}

async function text(chunks: AsyncIterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

describe('a request to a member', () => {
  it("goes below its server path with its own credentials in place of the caller's", async () => {
    const { url } = use(
      await listenHttps((req, res) => {
        res.setHeader('X-Twice', ['a', 'b']);
        res.end(
          JSON.stringify({
            url: req.url,
            authorization: req.headers.authorization,
            odd: req.headers['x-odd'],
          }),
        );
      }),
    );
    const member = use(memberAt(`${url}/clusters/7/`));

    const response = await member.request({
      ...get,
      path: '/api/v1/pods?limit=5&x=%2F',
      headers: { authorization: 'Bearer theirs', 'X-Odd': ['1', '2'], Connection: 'close' },
    });

    expect(JSON.parse(await text(response.body))).toEqual({
      url: '/clusters/7/api/v1/pods?limit=5&x=%2F',
      authorization: 'Bearer ours',
      odd: '1, 2',
    });
    expect(response.headers['x-twice']).toEqual(['a', 'b']);
    expect(response.rawHeaders).toContain('X-Twice');
  });

  it('reuses connections', async () => {
    const server = use(await listenHttps((_req, res) => res.end('x')));
    const member = use(memberAt(server.url));

    for (let round = 0; round < 10; round += 1) {
      await member.fetch({ method: round % 2 ? 'HEAD' : 'GET', path: '/', timeoutMs: 2_000 });
    }

    // One may still be busy with its end when the next request comes.
    expect(server.accepted()).toBeLessThanOrEqual(2);
  });

  it('to a closed port says that it was refused', async () => {
    const server = await listenHttps(() => undefined);
    await server.close();

    expect(await unavailable(use(memberAt(server.url)))).toBe(
      'ServiceUnavailable: cluster m1: the connection was refused; check that its API server runs and `server` is right',
    );
  });

  it('that gets no head ends at its deadline', async () => {
    const { url } = use(await listenHttps(() => undefined));

    const started = performance.now();
    const failure = await unavailable(use(memberAt(url)), { headersTimeoutMs: 300 });

    expect(failure).toMatch(/^Timeout: cluster m1: no answer within 300 ms/);
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it('to a member whose probes fail ends at the short deadline, even if it is under way', async () => {
    const { url } = use(await listenHttps(() => undefined));
    const health = fixedHealth();
    const member = use(memberAt(url, { health }));
    const started = performance.now();
    const before = unavailable(member, { headersTimeoutMs: 60_000 });
    await sleep(50);

    health.say({ isAlive: false, lastError: 'frozen' });
    const after = unavailable(member, { headersTimeoutMs: 0 });

    expect(await before).toMatch(/^Timeout: .*3000 ms/);
    expect(await after).toMatch(/^Timeout: .*3000 ms/);
    expect(performance.now() - started).toBeLessThan(6_000);
  });

  it('that uploads slowly is not cut while bytes move', async () => {
    const { url } = use(
      await listenHttps((req, res) => {
        req.resume().on('end', () => res.end('got it'));
      }),
    );
    async function* slowly() {
      for (let round = 0; round < 6; round += 1) {
        await sleep(100);
        yield Buffer.from('chunk');
      }
    }

    const response = await use(memberAt(url)).request({
      ...get,
      method: 'POST',
      body: Readable.from(slowly()),
      headersTimeoutMs: 300,
    });

    expect(await text(response.body)).toBe('got it');
  });

  it('whose body stalls fails with Timeout', async () => {
    const { url } = use(await listenHttps((_req, res) => void res.write('half')));
    const { body } = await use(memberAt(url)).request({ ...get, bodyTimeoutMs: 500 });

    await expect(text(body)).rejects.toMatchObject({ reason: 'Timeout' });
  });

  it('whose body is cut off fails, and not with a clean end', async () => {
    const { url } = use(
      await listenHttps((_req, res) => {
        res.write('half', () => setTimeout(() => res.destroy(), 50));
      }),
    );
    const { body } = await use(memberAt(url)).request(get);

    await expect(text(body)).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });

  it.each([
    {
      title: 'garbage',
      bytes: 'SSH-2.0-OpenSSH_9.6\r\n',
      want: /does not speak HTTP|closed before/,
    },
    { title: 'a broken head', bytes: 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', want: /speak HTTP/ },
    { title: 'nothing, and closes', bytes: '', want: /closed before/ },
  ])('answered with $title names the member', async ({ bytes, want }) => {
    const { url } = use(
      await listenTls((socket) => {
        socket.once('data', () => socket.end(bytes));
      }),
    );

    expect(await unavailable(use(memberAt(url)))).toMatch(want);
  });

  it('to a plain HTTP port says that it does not speak TLS', async () => {
    const { port } = use(await listenHttp((_req, res) => res.end()));

    expect(await unavailable(use(memberAt(`https://127.0.0.1:${port}`)))).toMatch(/not speak TLS/);
  });

  it('of plain HTTP works where the address says http', async () => {
    const { url } = use(await listenHttp((_req, res) => res.end('plain')));

    const { body } = await use(memberAt(url)).fetch({ method: 'GET', path: '/', timeoutMs: 2_000 });

    expect(body.toString()).toBe('plain');
  });

  it('that is aborted ends at once, and its connection with it', async () => {
    const server = use(await listenHttps(() => undefined));
    const member = use(memberAt(server.url));
    const abort = new AbortController();
    const failure = unavailable(member, { signal: abort.signal });
    await once(server.server, 'request');

    abort.abort();

    expect(await failure).toMatch(/abandoned/);
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('that is aborted before it starts never reaches the member', async () => {
    const server = use(await listenHttps(() => undefined));

    expect(await unavailable(use(memberAt(server.url)), { signal: AbortSignal.abort() })).toMatch(
      /abandoned/,
    );
    expect(server.accepted()).toBe(0);
  });

  it("whose body is destroyed by its reader ends the member's side", async () => {
    const server = use(await listenHttps((_req, res) => void res.write('x')));
    const { body } = await use(memberAt(server.url)).request({ ...get, bodyTimeoutMs: 0 });

    body.destroy();

    await expect.poll(() => server.sockets.size).toBe(0);
  });

  it('reads no faster than its reader', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const { url } = use(
      await listenHttps((_req, res) => {
        const more = () => {
          while (sent < 200 * 1024 * 1024) {
            sent += chunk.length;
            if (!res.write(chunk)) return void res.once('drain', more);
          }
          res.end();
        };
        more();
      }),
    );
    const { body } = await use(memberAt(url)).request({ ...get, bodyTimeoutMs: 0 });

    await sleep(500);

    expect(sent).toBeLessThan(40 * 1024 * 1024);
    body.destroy();
  });

  it('is said again when its kept-alive connection was closed meanwhile, if it is a read', async () => {
    let count = 0;
    const { url } = use(
      await listenHttps((req, res) => {
        count += 1;
        if (count === 2) req.socket.destroy();
        else res.end('ok');
      }),
    );
    const member = use(memberAt(url));
    await member.fetch({ method: 'GET', path: '/', timeoutMs: 2_000 });

    const read = await member.fetch({ method: 'GET', path: '/', timeoutMs: 2_000 });
    count = 1;
    const write = member.fetch({
      method: 'POST',
      path: '/',
      body: Buffer.from('x'),
      timeoutMs: 2_000,
    });

    expect(read.statusCode).toBe(200);
    await expect(write).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
  });

  it('for a whole body is bounded in bytes and in time', async () => {
    const { url } = use(
      await listenHttps((req, res) => {
        if (req.url === '/big') res.end(Buffer.alloc(2_000));
        else setInterval(() => res.write('drip'), 50).unref();
      }),
    );
    const member = use(memberAt(url));

    await expect(
      member.fetch({ method: 'GET', path: '/big', timeoutMs: 2_000, maxBytes: 1_000 }),
    ).rejects.toThrow('longer than 1000 bytes');
    await expect(
      member.fetch({ method: 'GET', path: '/drip', timeoutMs: 400 }),
    ).rejects.toMatchObject({ reason: 'Timeout' });
  });

  it('waits for no watch: watches have connections of their own', async () => {
    const { url } = use(
      await listenHttps((req, res) => {
        if (req.url === '/watch') res.write('event');
        else res.end('quick');
      }),
    );
    const member = use(memberAt(url));
    const watches = await Promise.all(
      Array.from({ length: 80 }, () =>
        member.request({ ...get, path: '/watch', bodyTimeoutMs: 0 }),
      ),
    );

    const { body } = await member.fetch({ method: 'GET', path: '/', timeoutMs: 2_000 });

    expect(body.toString()).toBe('quick');
    for (const watch of watches) watch.body.destroy();
  });

  it('beyond the budget is told to come again', async () => {
    const { url } = use(await listenHttps(() => undefined));
    const member = use(memberAt(url));

    const all = await Promise.allSettled(
      Array.from({ length: 520 }, () => member.request({ ...get, headersTimeoutMs: 500 })),
    );

    const reasons = all.map((one) =>
      one.status === 'rejected' ? (one.reason as { reason: string }).reason : '',
    );
    expect(reasons.filter((reason) => reason === 'TooManyRequests')).toHaveLength(8);
    expect(reasons.filter((reason) => reason === 'Timeout')).toHaveLength(512);
  });

  it('waits for nothing once the member is closed', async () => {
    const { url } = use(await listenHttps(() => undefined));
    const member = memberAt(url);
    const pending = unavailable(member);
    await sleep(100);

    await member.close();

    expect(await pending).toMatch(/ServiceUnavailable/);
    expect(await unavailable(member)).toMatch(/shutting down/);
  });
});

describe('TLS to a member', () => {
  async function reach(url: string, tls: object): Promise<string> {
    const access = accessTo(url, { tls: { rejectUnauthorized: true, ...tls } });
    const member = use(memberAt(url, { access }));
    return member.request(get).then(
      async ({ body }) => text(body),
      (error: unknown) => (error as Error).message,
    );
  }

  it.each([
    { title: 'trusts the given authority', tls: { ca: authority.certificate }, want: /^ok/ },
    { title: 'trusts no other', tls: { ca: stranger.certificate }, want: /not signed by/ },
    { title: 'trusts nobody by default', tls: {}, want: /not signed by/ },
    { title: 'skips the check if told', tls: { rejectUnauthorized: false }, want: /^ok/ },
    {
      title: 'asks for and checks the given name',
      tls: { ca: authority.certificate, servername: 'member.example' },
      want: /^ok member\.example/,
    },
    {
      title: 'refuses a certificate of another name',
      tls: { ca: authority.certificate, servername: 'other.example' },
      want: /for another host/,
    },
  ])('$title', async ({ tls, want }) => {
    const { url } = use(
      await listenHttps((req, res) => {
        const { servername } = req.socket as { servername?: string | false };
        res.end(`ok ${servername === undefined || servername === false ? '' : servername}`);
      }),
    );

    expect(await reach(url, tls)).toMatch(want);
  });

  it('refuses a certificate that is not for the address', async () => {
    const credential = await authority.issue({ commonName: 'x', dnsNames: ['elsewhere'] });
    const { url } = use(await listenHttps((_req, res) => res.end(), { credential }));

    expect(await reach(url, { ca: authority.certificate })).toMatch(/for another host/);
  });

  it('offers HTTP/1.1 only', async () => {
    const { url } = use(
      await listenHttps((req, res) => {
        const { alpnProtocol } = req.socket as unknown as { alpnProtocol: unknown };
        res.end(`${String(alpnProtocol)} ${req.httpVersion}`);
      }),
    );

    expect(await reach(url, { ca: authority.certificate })).toMatch(/1\.1$/);
  });
});

it('a frozen handshake does not outlast the deadline', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const member = use(memberAt(`https://127.0.0.1:${port}`));

  const failure = await unavailable(member, { headersTimeoutMs: 300 });

  expect(failure).toMatch(/^Timeout/);
  server.close();
});
