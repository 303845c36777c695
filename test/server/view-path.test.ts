import { describe, expect, it, afterAll, beforeAll } from 'vitest';
import { StatusError } from '../../src/kube/index.ts';
import type { Exchange, UpgradeExchange } from '../../src/server/index.ts';
import { openServer, type OpenServer } from './open-server.ts';

const ALL = '/apis/flotilla.io/v1alpha1/views/all/proxy';
const KARMADA = '/apis/search.karmada.io/v1alpha1/proxying/karmada/proxy';

describe('what a view is handed', () => {
  let behave: (view: string, exchange: Exchange) => Promise<void> | void;
  let behaveUpgrade: (view: string, exchange: UpgradeExchange) => void;
  let open: OpenServer;
  beforeAll(async () => {
    open = await openServer({
      views: {
        handle: async (view, exchange) => behave(view, exchange),
        upgrade: (view, exchange) => {
          behaveUpgrade(view, exchange);
          return Promise.resolve();
        },
      },
    });
  });
  afterAll(async () => open.close());

  it.each([
    { title: 'its path', path: `${ALL}/api/v1/pods?a=%20b`, view: 'all', rest: '/api/v1/pods' },
    { title: 'its path alone', path: `${ALL}?a=%20b`, view: 'all', rest: '/' },
    { title: "Karmada's path", path: `${KARMADA}/api?a=%20b`, view: 'karmada', rest: '/api' },
    {
      title: 'escapes as they came',
      path: `${ALL}/api/v1/nodes/n/proxy/x%2Fy?a=%20b`,
      view: 'all',
      rest: '/api/v1/nodes/n/proxy/x%2Fy',
    },
    {
      title: 'the control plane before it',
      path: `/apis/flotilla.io/v1alpha1/views/control-plane/proxy${ALL}/api?a=%20b`,
      view: 'all',
      rest: '/api',
    },
  ])('$title', async ({ path, view, rest }) => {
    behave = (name, { res, path: seen, query, rawQuery, user }) => {
      res.end(JSON.stringify({ name, seen, a: query.get('a'), rawQuery, user: user.name }));
    };

    expect((await open.ask(path)).json()).toEqual({
      name: view,
      seen: rest,
      a: ' b',
      rawQuery: 'a=%20b',
      user: 'flotilla-admin',
    });
  });

  it('a TLS server name leads to the view', async () => {
    behave = (name, { res, path }) => {
      res.end(`${name} ${path}`);
    };

    const { text } = await open.ask('/api/v1/pods', { serverName: 'all.view.flotilla' });

    expect(text).toBe('all /api/v1/pods');
  });

  it('the answer has an audit id and is not cached', async () => {
    behave = (_name, { res }) => {
      res.end();
    };

    const own = await open.ask(`${ALL}/api`);
    const given = await open.ask(`${ALL}/api`, { headers: { 'audit-id': 'abc-1' } });
    const odd = await open.ask(`${ALL}/api`, { headers: { 'audit-id': 'a b' } });

    expect(own.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(own.headers['cache-control']).toBe('no-cache, private');
    expect(given.headers['audit-id']).toBe('abc-1');
    expect(odd.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('warnings become header lines, each text once', async () => {
    behave = (_name, { res, addWarning }) => {
      addWarning('cluster m1 is "gone"');
      addWarning('cluster m1 is "gone"');
      addWarning('two\nlines');
      res.end();
    };

    const { headers } = await open.ask(`${ALL}/api`);

    expect(headers['warning']).toEqual(['299 - "cluster m1 is \\"gone\\""', '299 - "two lines"']);
  });

  it('a thrown Status is the answer, with when to retry', async () => {
    behave = () => {
      throw new StatusError('TooManyRequests', 'later', { details: { retryAfterSeconds: 3 } });
    };

    const { code, headers, json } = await open.ask(`${ALL}/api`);

    expect({ code, after: headers['retry-after'] }).toEqual({ code: 429, after: '3' });
    expect(json()).toMatchObject({ kind: 'Status', reason: 'TooManyRequests', message: 'later' });
  });

  it('anything else thrown is a 500 that tells nothing of it', async () => {
    behave = () => {
      throw new TypeError('secret of m1');
    };

    const { code, text } = await open.ask(`${ALL}/api`);

    expect(code).toBe(500);
    expect(text).not.toContain('secret');
  });

  it('a failure after the head cuts the connection, so that half is not taken for all', async () => {
    behave = (_name, { res }) => {
      res.write('half');
      throw new StatusError('ServiceUnavailable', 'gone');
    };

    await expect(open.ask(`${ALL}/api`)).rejects.toThrow();
  });

  it('a client that goes away is told by the signal', async () => {
    const reason = new Promise((resolve) => {
      behave = async (_name, { signal, res }) => {
        res.flushHeaders();
        await new Promise<void>((done) => {
          signal.addEventListener('abort', () => {
            done();
          });
        });
        resolve(signal.reason);
      };
    });
    const socket = await open.connect();
    socket.write(`GET ${ALL}/api?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.once('data', () => socket.destroy());

    expect(await reason).toBe('client gone');
  });

  it('an upgrade may be answered as HTTP or as a stream', async () => {
    behaveUpgrade = (_view, { socket, head, res, query }) => {
      if (query.has('plain')) res.end('plain');
      else socket.end(`HTTP/1.1 101 X\r\n\r\n${String(head)}!`);
    };
    const upgrade = async (query: string): Promise<string> => {
      const socket = await open.connect();
      socket.write(
        `GET ${ALL}/api${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhead`,
      );
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text;
    };

    expect(await upgrade('')).toBe('HTTP/1.1 101 X\r\n\r\nhead!');
    expect(await upgrade('?plain')).toMatch(/^HTTP\/1\.1 200 [^]*plain/);
  });
});

describe('metrics', () => {
  it('count requests under the names of kube-apiserver, without words of a client', async () => {
    const open = await openServer();
    await open.ask('/apis/cluster.karmada.io/v1alpha1/clusters');
    await open.ask('/apis/made.up/v1/things/x');
    const { text } = await open.ask('/metrics');
    await open.close();

    expect(text).toMatch(
      /apiserver_request_total\{[^}]*resource="clusters"[^}]*verb="LIST"[^}]*code="200"\} 1/,
    );
    expect(text).toMatch(/apiserver_request_duration_seconds_count\{[^}]*resource="clusters"/);
    expect(text).toMatch(
      /flotilla_certificate_expiration_timestamp_seconds\{certificate="serving"\} \d+/,
    );
    expect(text).toContain('apiserver_current_inflight_requests 1');
    expect(text).not.toContain('made.up');
  });
});
