import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenHttps, memberAt, type Loopback } from '../support/loopback-member.ts';
import { openServer, type OpenServer } from './open-server.ts';

const MEMBER = '/apis/cluster.karmada.io/v1alpha1/clusters/m1/proxy';

describe('bad input', () => {
  let backend: Loopback;
  let open: OpenServer;
  beforeAll(async () => {
    backend = await listenHttps((req, res) => res.end(req.url));
    open = await openServer({ members: [memberAt(backend.url)] });
  });
  afterAll(async () => {
    await open.close();
    await backend.close();
  });

  /** What the server writes until it closes the connection, or for a moment. */
  async function send(
    text: string | readonly string[],
  ): Promise<{ answer: string; isClosed: boolean }> {
    const socket = await open.connect();
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    const closed = new Promise<boolean>((resolve) => {
      socket.on('close', () => {
        resolve(true);
      });
      socket.setTimeout(700, () => {
        resolve(false);
      });
      socket.on('error', () => undefined);
    });
    for (const part of [text].flat()) socket.write(part);
    const isClosed = await closed;
    socket.destroy();
    return { answer, isClosed };
  }

  it.each([
    { title: 'no HTTP at all', text: 'hello\r\n\r\n', code: 400 },
    { title: 'HTTP/2 without ALPN', text: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', code: 400 },
    {
      title: 'both a length and chunks',
      text: 'POST /apis HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /version HTTP/1.1\r\n\r\n',
      code: 400,
    },
    {
      title: 'two lengths',
      text: 'POST /apis HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      code: 400,
    },
    {
      title: 'an obscure transfer coding',
      text: 'POST /apis HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
      code: 400,
    },
    {
      title: 'a space before the colon',
      text: 'GET /version HTTP/1.1\r\nHost : x\r\n\r\n',
      code: 400,
    },
    { title: 'bare line feeds', text: 'GET /version HTTP/1.1\nHost: x\n\n', code: 400 },
    {
      title: 'an oversized header',
      text: `GET /version HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(1_100_000)}\r\n\r\n`,
      code: 431,
    },
    {
      title: 'an oversized path',
      text: `GET /${'a'.repeat(1_100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      code: 431,
    },
  ])(
    '$title is answered with a Status $code, and the connection is closed',
    async ({ text, code }) => {
      const { answer, isClosed } = await send(text);

      expect(answer.startsWith(`HTTP/1.1 ${code} `)).toBe(true);
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
      expect(JSON.parse(body)).toMatchObject({ kind: 'Status', code });
      expect(isClosed).toBe(true);
    },
  );

  it.each([
    { title: 'HTTP/1.1 without Host', line: 'GET /apis HTTP/1.1\r\n\r\n', code: 400 },
    { title: 'HTTP/1.0', line: 'GET /version HTTP/1.0\r\n\r\n', code: 200 },
    {
      title: 'the absolute form',
      line: 'GET https://x/version HTTP/1.1\r\nHost: x\r\n\r\n',
      code: 200,
    },
    {
      title: 'the absolute form without path',
      line: 'GET https://x HTTP/1.1\r\nHost: x\r\n\r\n',
      code: 200,
    },
    { title: 'an asterisk', line: 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', code: 400 },
    { title: 'a malformed escape', line: 'GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n', code: 400 },
    {
      title: 'an escape that is no UTF-8',
      line: 'GET /apis/%ff/v1/x HTTP/1.1\r\nHost: x\r\n\r\n',
      code: 404,
    },
    {
      title: 'a hidden slash',
      line: 'GET /api/v1/namespaces/a%2Fb HTTP/1.1\r\nHost: x\r\n\r\n',
      code: 404,
    },
    {
      title: 'dot segments',
      line: 'GET /api/v1/../v1/pods HTTP/1.1\r\nHost: x\r\n\r\n',
      code: 404,
    },
    { title: 'an odd method', line: 'PROPFIND /apis HTTP/1.1\r\nHost: x\r\n\r\n', code: 405 },
    { title: 'TRACE', line: `TRACE ${MEMBER}/api HTTP/1.1\r\nHost: x\r\n\r\n`, code: 405 },
    {
      title: 'an odd content type',
      line: 'POST /apis/x HTTP/1.1\r\nHost: x\r\nContent-Type: ;;;\r\nContent-Length: 0\r\n\r\n',
      code: 404,
    },
    {
      title: 'an upgrade of our own path',
      line: 'GET /version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n',
      code: 200,
    },
    {
      title: 'an upgrade of an unknown member',
      line: 'GET /apis/cluster.karmada.io/v1alpha1/clusters/no/proxy/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      code: 404,
    },
  ])('$title is answered with $code', async ({ line, code }) => {
    const { answer } = await send(line);

    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${code}`);
    if (code >= 400) expect(answer).toContain('"kind":"Status"');
  });

  it('a refused request leaves the connection usable for the next', async () => {
    const { answer } = await send([
      'POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody',
      'GET /version HTTP/1.1\r\nHost: x\r\n\r\n',
    ]);

    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200']);
  });

  it('an unknown member is 404 and lists those there are', async () => {
    const path = '/apis/cluster.karmada.io/v1alpha1/clusters/nope/proxy/api/v1/pods';

    expect(await open.status(path)).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'clusters.cluster.karmada.io "nope" not found: there are m1',
      details: { kind: 'clusters', name: 'nope', causes: [{ message: 'm1' }] },
    });
  });

  it('an unknown view is 404 and lists those there are', async () => {
    const path = '/apis/flotilla.io/v1alpha1/views/nope/proxy/api';

    expect(await open.status(path)).toMatchObject({
      code: 404,
      details: {
        group: 'flotilla.io',
        kind: 'views',
        causes: [{ message: 'all' }, { message: 'control-plane' }],
      },
    });
  });

  it('a path with escapes in its prefix addresses no member', async () => {
    const path = '/apis/cluster.karmada.io/v1alpha1/clusters/%6d1/proxy/api';

    expect((await open.ask(path)).code).toBe(404);
  });
});

describe('a member below a path of its server', () => {
  let backend: Loopback;
  let open: OpenServer;
  beforeAll(async () => {
    backend = await listenHttps((req, res) => res.end(req.url));
    open = await openServer({ members: [memberAt(`${backend.url}/k8s/clusters/c-1`)] });
  });
  afterAll(async () => {
    await open.close();
    await backend.close();
  });

  it.each(['/../c-2/api', '/api/%2e%2e/%2E%2e/c-2', '/./api', '/..', '/a%2f..%2fb', '/a\\..\\b'])(
    'what stands beside it is out of reach by %s',
    async (tail) => {
      const socket = await open.connect();
      socket.write(`GET ${MEMBER}${tail} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);

      expect(answer.slice(0, 12)).toBe('HTTP/1.1 400');
    },
  );

  it('names with dots pass', async () => {
    expect((await open.ask(`${MEMBER}/api/a..b/.c/d.`)).text).toBe(
      '/k8s/clusters/c-1/api/a..b/.c/d.',
    );
  });
});
