import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenHttps, memberAt, type Loopback } from '../support/loopback-member.ts';
import { openServer, type OpenServer } from './open-server.ts';

const MEMBER = '/apis/cluster.karmada.io/v1alpha1/clusters/m1/proxy';
const CONTROL_PLANE = '/apis/flotilla.io/v1alpha1/views/control-plane/proxy';

describe('a way to each member', () => {
  let backend: Loopback;
  let open: OpenServer;
  beforeAll(async () => {
    backend = await listenHttps(
      (req, res) => {
        const hash = createHash('sha256');
        req.on('data', (chunk: Buffer) => hash.update(chunk));
        req.on('end', () => {
          const { method, url, headers } = req;
          res.setHeader('X-From', 'member');
          res.end(JSON.stringify({ method, url, headers, sha256: hash.digest('hex') }));
        });
      },
      {
        onUpgrade: (_req, socket) => {
          socket.on('error', () => undefined);
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly ',
          );
          socket.pipe(socket);
        },
      },
    );
    open = await openServer({ members: [memberAt(backend.url)] });
  });
  afterAll(async () => {
    await open.close();
    await backend.close();
  });

  it.each([
    { title: 'the root without slash', path: MEMBER, url: '/' },
    { title: 'the root', path: `${MEMBER}/`, url: '/' },
    { title: 'a query alone', path: `${MEMBER}?a=b`, url: '/?a=b' },
    {
      title: 'escapes',
      path: `${MEMBER}/a%2Fb/c%20d?x=%zz&x=+&y`,
      url: '/a%2Fb/c%20d?x=%zz&x=+&y',
    },
    { title: 'doubled slashes', path: `${MEMBER}//api///v1/`, url: '//api///v1/' },
    { title: 'dots', path: `${MEMBER}/api/v1/x/proxy/../y`, url: '/api/v1/x/proxy/../y' },
    {
      title: 'an exec query',
      path: `${MEMBER}/exec?command=a&command=b%20c`,
      url: '/exec?command=a&command=b%20c',
    },
    { title: 'the control plane before it', path: `${CONTROL_PLANE}${MEMBER}/api`, url: '/api' },
  ])('$title reaches the member as it came', async ({ path, url }) => {
    const socket = await open.connect();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);

    expect(answer).toContain(`"url":${JSON.stringify(url)}`);
  });

  it('the TLS server name leads there without a path', async () => {
    const { text } = await open.ask('/livez?verbose', { serverName: 'm1.member.flotilla' });

    expect(JSON.parse(text)).toMatchObject({ url: '/livez?verbose' });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s passes',
    async (method) => {
      const { code, headers } = await open.ask(`${MEMBER}/x`, { method });

      expect({ code, from: headers['x-from'] }).toEqual({ code: 200, from: 'member' });
    },
  );

  it('the answer has the headers of the member, none of ours', async () => {
    const { headers } = await open.ask(`${MEMBER}/x`);

    expect(headers).not.toHaveProperty('audit-id');
    expect(headers).not.toHaveProperty('cache-control');
  });

  it.each(['application/json', 'application/vnd.kubernetes.protobuf', 'x/y;;=', ''])(
    'a body of type "%s" passes whole, however large',
    async (type) => {
      const body = randomBytes(5_000_000);

      const { text } = await open.ask(`${MEMBER}/x`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });

      expect(JSON.parse(text)).toMatchObject({
        sha256: createHash('sha256').update(body).digest('hex'),
      });
    },
  );

  it('a client that waits for 100 Continue gets it', async () => {
    const socket = await open.connect();
    socket.write(
      `POST ${MEMBER}/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    );
    let answer = '';
    for await (const chunk of socket) {
      answer += String(chunk);
      if (answer === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('ab');
    }

    expect(answer).toContain('HTTP/1.1 200 OK');
  });

  it('no identity of the client is told to the member', async () => {
    const headers = {
      authorization: 'Bearer theirs',
      cookie: 'a=b',
      'x-remote-user': 'root',
      'x-remote-extra-a': 'b',
    };

    const { text } = await open.ask(`${MEMBER}/x`, { headers });

    const seen = (JSON.parse(text) as { headers: Record<string, string> }).headers;
    expect(seen['authorization']).toBe('Bearer ours');
    expect(Object.keys(seen).filter((name) => /^x-remote|^cookie/.test(name))).toEqual([]);
  });

  it.each(['GET', 'POST'])('an upgrade by %s becomes a stream to the member', async (method) => {
    const socket = await open.connect();
    socket.write(
      `${method} ${MEMBER}/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nContent-Length: 0\r\n\r\n`,
    );
    let answer = '';
    for await (const chunk of socket) {
      answer += String(chunk);
      if (answer.endsWith('early ')) socket.write('and late.');
      if (answer.endsWith('late.')) break;
    }

    expect(answer).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nearly and late\.$/);
  });

  it('a dead member is 503 that names it, and other paths are served on', async () => {
    const dead = await listenHttps(() => undefined);
    await dead.close();
    const other = await openServer({ members: [memberAt(dead.url)] });

    const status = await other.status(`${MEMBER}/api`);
    const own = await other.ask('/apis');
    await other.close();

    expect(status).toMatchObject({
      code: 503,
      reason: 'ServiceUnavailable',
      details: { name: 'm1' },
    });
    expect(own.code).toBe(200);
  });
});
