import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type * as http from 'node:http';
import * as https from 'node:https';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { StatusError } from '../../src/kube/index.ts';
import type { Member } from '../../src/members/index.ts';
import { type ProxyRequestOptions, proxyRequest } from '../../src/proxy/index.ts';
import {
  type Loopback,
  accessTo,
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

/** A server that proxies all to one member, and tells what was thrown. */
async function listenProxy(
  target: Loopback,
  options: Partial<ProxyRequestOptions> = {},
): Promise<Loopback & { readonly thrown: unknown[] }> {
  const member: Member = use(memberAt(target.url));
  const thrown: unknown[] = [];
  const front = await listenHttps((req, res) => {
    proxyRequest({ member, req, res, path: req.url ?? '/', ...options }).catch((error: unknown) => {
      thrown.push(error);
      if (!res.headersSent) res.writeHead((error as StatusError).code).end('thrown');
    });
  });
  return use({ ...front, thrown });
}

interface Got {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly body: Buffer;
}

interface Ask extends https.RequestOptions {
  readonly body?: Buffer;
}

function start(front: Loopback, path: string, options: https.RequestOptions = {}) {
  return https.request(`${front.url}${path}`, {
    ca: authority.certificate,
    agent: false,
    ...options,
  });
}

async function ask(front: Loopback, path: string, options: Ask = {}): Promise<Got> {
  const { body, ...rest } = options;
  const request = start(front, path, rest);
  request.end(body);
  const [res] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  const { statusCode = 0, headers, rawHeaders } = res;
  return { status: statusCode, headers, rawHeaders, body: Buffer.concat(chunks) };
}

const hex = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('a proxied request', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s keeps method, path, headers and body, and who we are to the member',
    async (method) => {
      const target = use(
        await listenHttps((req, res) => {
          const chunks: Buffer[] = [];
          req.on('data', (chunk: Buffer) => chunks.push(chunk));
          req.on('end', () => {
            const { method: seen, url, headers } = req;
            res.end(JSON.stringify({ seen, url, headers, body: Buffer.concat(chunks).toString() }));
          });
        }),
      );
      const front = await listenProxy(target);
      const body = method === 'GET' || method === 'OPTIONS' ? undefined : Buffer.from('{"a":1}');

      const got = await ask(front, '/api/v1/x?labelSelector=a%3Db&fieldManager=ü', {
        method,
        ...(body && { body }),
        headers: {
          authorization: 'Bearer theirs',
          'x-remote-user': 'root',
          'impersonate-user': 'root',
          'user-agent': 'kubectl/1',
          'content-type': 'application/json',
          ...(body && { 'content-length': body.length }),
        },
        path: '/api/v1/x?labelSelector=a%3Db',
      });

      const seen = JSON.parse(got.body.toString()) as { headers: Record<string, string> };
      expect(seen).toMatchObject({
        seen: method,
        url: '/api/v1/x?labelSelector=a%3Db',
        body: body?.toString() ?? '',
      });
      expect(seen.headers).toMatchObject({
        authorization: 'Bearer ours',
        'user-agent': 'kubectl/1',
      });
      expect(seen.headers['host']).toBe(`127.0.0.1:${target.port}`);
      expect(Object.keys(seen.headers).join()).not.toMatch(/remote|impersonate/);
    },
  );

  it('brings status, reason, repeated headers and gzip back untouched', async () => {
    const zipped = gzipSync('{"kind":"List"}');
    const target = use(
      await listenHttps((_req, res) => {
        res.writeHead(409, 'Odd Reason', [
          ['Warning', '299 - "eins"'],
          ['Warning', Buffer.from('299 - "zwölf"').toString('latin1')],
          ['Content-Encoding', 'gzip'],
          ['Content-Length', String(zipped.length)],
          ['Location', '/elsewhere'],
        ]);
        res.end(zipped);
      }),
    );

    const got = await ask(await listenProxy(target), '/');

    expect(got.status).toBe(409);
    expect(got.body.equals(zipped)).toBe(true);
    const warnings = got.rawHeaders.filter((_line, index, all) => all[index - 1] === 'Warning');
    expect(warnings.map((line) => Buffer.from(line, 'latin1').toString())).toEqual([
      '299 - "eins"',
      '299 - "zwölf"',
    ]);
    expect(got.headers['content-length']).toBe(String(zipped.length));
  });

  it.each([
    { title: 'a redirect', method: 'GET', status: 307, headers: { location: '/other' } },
    {
      title: 'HEAD with a length',
      method: 'HEAD',
      status: 200,
      headers: { 'content-length': '4711' },
    },
    { title: 'no content', method: 'DELETE', status: 204, headers: {} },
    { title: 'not modified', method: 'GET', status: 304, headers: { etag: '"x"' } },
  ])('passes $title on as it is', async ({ method, status, headers }) => {
    const target = use(await listenHttps((_req, res) => res.writeHead(status, headers).end()));
    const front = await listenProxy(target);

    for (let round = 0; round < 2; round += 1) {
      const got = await ask(front, '/', { method });
      expect(got).toMatchObject({ status, headers });
      expect(got.body).toHaveLength(0);
    }
  });

  it('passes early hints by and brings the answer', async () => {
    const target = use(
      await listenHttps((_req, res) => {
        res.writeEarlyHints({ link: '</a>; rel=preload' });
        res.end('final');
      }),
    );

    expect((await ask(await listenProxy(target), '/')).body.toString()).toBe('final');
  });

  it.each(['content-length', 'chunked'])(
    'brings 100 MB up (%s) and back in bounded memory',
    async (how) => {
      const target = use(await listenHttps((req, res) => void req.pipe(res)));
      const front = await listenProxy(target);
      const piece = Buffer.alloc(MIB, 'x');
      const before = process.memoryUsage().rss;
      let peak = before;
      const request = start(front, '/', {
        method: 'POST',
        headers: how === 'chunked' ? {} : { 'content-length': 100 * MIB },
      });
      const upload = (async () => {
        for (let count = 0; count < 100; count += 1) {
          if (!request.write(piece)) await once(request, 'drain');
        }
        request.end();
      })();
      const [res] = (await once(request, 'response')) as [http.IncomingMessage];
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of res as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        hash.update(chunk);
        peak = Math.max(peak, process.memoryUsage().rss);
      }
      await upload;

      expect(bytes).toBe(100 * MIB);
      expect(hash.digest('hex')).toBe(hex(Buffer.alloc(100 * MIB, 'x')));
      // Both ends and the proxy live in this one process.
      expect(peak - before).toBeLessThan(150 * MIB);
    },
  );

  it('does not read the member faster than the client does', async () => {
    let sent = 0;
    const target = use(
      await listenHttps((_req, res) => {
        const more = () => {
          while (sent < 300 * MIB) {
            sent += 64 * 1024;
            if (!res.write(Buffer.alloc(64 * 1024))) return void res.once('drain', more);
          }
          res.end();
        };
        more();
      }),
    );
    const request = start(await listenProxy(target), '/').end();
    const [res] = (await once(request, 'response')) as [http.IncomingMessage];
    res.pause();

    await new Promise((resolve) => setTimeout(resolve, 700));

    expect(sent).toBeLessThan(60 * MIB);
    res.destroy();
  });

  it('waits for 100-continue where the client does', async () => {
    const target = use(await listenHttps((req, res) => void req.pipe(res)));
    const request = start(await listenProxy(target), '/', {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': 4 },
    });
    request.flushHeaders();
    await once(request, 'continue');

    request.end('body');

    const [res] = (await once(request, 'response')) as [http.IncomingMessage];
    expect((await res.toArray()).join('')).toBe('body');
  });

  it('brings an early answer to an upload, and leaves the connection usable', async () => {
    const target = use(
      await listenHttps((_req, res) => {
        res.writeHead(413, { 'content-length': 3 }).end('big');
      }),
    );
    const front = await listenProxy(target);
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });

    const first = await ask(front, '/', { method: 'POST', body: Buffer.alloc(5 * MIB), agent });
    const second = await ask(front, '/', { method: 'POST', body: Buffer.from('x'), agent });

    expect([first.status, first.body.toString(), second.status]).toEqual([413, 'big', 413]);
    agent.destroy();
  });

  it('streams a watch: each event arrives before the next is sent, and the head before any', async () => {
    let member: http.ServerResponse | undefined;
    const target = use(
      await listenHttps((_req, res) => {
        member = res;
        res.writeHead(200, { 'content-type': 'application/json;stream=watch' });
        res.flushHeaders();
      }),
    );
    const request = start(await listenProxy(target), '/api/v1/pods?watch=true').end();
    const [res] = (await once(request, 'response')) as [http.IncomingMessage];

    for (const event of ['{"type":"ADDED"}\n', '{"type":"DELETED"}\n']) {
      member?.write(event);
      expect(String((await once(res, 'data'))[0])).toBe(event);
    }

    res.destroy();
  });
});

describe('a proxied request in trouble', () => {
  it('ends at the member at once when the client goes', async () => {
    const target = use(await listenHttps((_req, res) => void res.write('x')));
    const front = await listenProxy(target);
    const request = start(front, '/api/v1/pods?watch=true').end();
    const [res] = (await once(request, 'response')) as [http.IncomingMessage];

    res.on('error', () => undefined);
    request.destroy();

    await expect.poll(() => target.sockets.size, { timeout: 2_000 }).toBe(0);
    expect(front.thrown).toEqual([]);
  });

  it('ends at the member when the client goes before the head, or in its upload', async () => {
    const target = use(await listenHttps((req) => void req.resume()));
    const front = await listenProxy(target);
    for (const method of ['GET', 'POST']) {
      const request = start(front, '/', { method });
      request.on('error', () => undefined);
      if (method === 'GET') request.end();
      else request.write(Buffer.alloc(MIB));
      await once(target.server, 'request');

      request.destroy();

      await expect.poll(() => target.sockets.size, { timeout: 2_000 }).toBe(0);
    }
  });

  it.each([
    { title: 'chunks', headers: {} },
    { title: 'a known length', headers: { 'content-length': '100' } },
  ])('is no clean end when the member breaks off within $title', async ({ headers }) => {
    const target = use(
      await listenHttps((_req, res) => {
        res.writeHead(200, headers);
        res.write('half', () => setTimeout(() => res.destroy(), 30));
      }),
    );

    await expect(ask(await listenProxy(target), '/')).rejects.toThrow('aborted');
  });

  it('throws Timeout when no head comes', async () => {
    const target = use(await listenHttps(() => undefined));
    const front = await listenProxy(target, { headersTimeoutMs: 200 });

    expect((await ask(front, '/')).status).toBe(504);
    expect(front.thrown).toMatchObject([{ name: 'StatusError', reason: 'Timeout' }]);
  });

  it.each([
    { title: 'is down', bytes: undefined },
    { title: 'speaks garbage', bytes: 'garbage\r\n\r\n' },
  ])('throws ServiceUnavailable when the member $title', async ({ bytes }) => {
    const target = await listenTls(
      (socket) => void socket.once('data', () => socket.end(bytes ?? '')),
    );
    if (bytes === undefined) await target.close();
    else use(target);
    const front = await listenProxy(target);

    expect((await ask(front, '/', { method: 'POST', body: Buffer.alloc(MIB) })).status).toBe(503);
    expect(front.thrown).toMatchObject([{ reason: 'ServiceUnavailable', details: { name: 'm1' } }]);
  });

  it('does not end while a stream is silent', async () => {
    const target = use(await listenHttps(() => undefined));
    const member = use(memberAt(target.url, { access: accessTo(target.url) }));
    const asked: number[] = [];
    const dispatch: Member['dispatch'] = (options, handler) => {
      asked.push(options.headersTimeoutMs, options.bodyTimeoutMs);
      handler.onError(new StatusError('Timeout', 'enough'));
    };
    const front = use(
      await listenHttps((req, res) => {
        const seen = Object.assign(Object.create(member) as Member, { dispatch });
        proxyRequest({ member: seen, req, res, path: req.url ?? '' }).catch(() => res.end());
      }),
    );

    await ask(front, '/api/v1/namespaces/n/pods/p/log?follow=true');
    await ask(front, '/api/v1/namespaces/n/pods/p/log');

    expect(asked).toEqual([0, 0, 65_000, 65_000]);
  });

  it('smuggles nothing: a body on GET reaches the member as a body', async () => {
    const seen: string[] = [];
    const target = use(
      await listenHttps((req, res) => {
        seen.push(`${req.method ?? ''} ${req.url ?? ''}`);
        req.resume().on('end', () => res.end('ok'));
      }),
    );
    const front = await listenProxy(target);
    const inner = 'GET /secret HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = connect({ port: front.port, host: '127.0.0.1', ca: authority.certificate });

    socket.write(
      `GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    );
    await once(socket.resume(), 'close');

    expect(seen).toEqual(['GET /a']);
  });
});
