import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedHealth, memberAt } from '../support/loopback-member.ts';
import { openServer, type OpenServer } from './open-server.ts';

const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';

interface Event {
  type: string;
  object: {
    kind: string;
    code?: number;
    reason?: string;
    metadata: { name?: string; resourceVersion: string; annotations?: Record<string, string> };
    columnDefinitions?: unknown[];
    rows?: unknown[];
    status?: { kubernetesVersion?: string };
  };
}

interface Watch {
  readonly next: () => Promise<Event | undefined>;
  readonly stop: () => Promise<void>;
}

describe('watching kinds of our own', () => {
  const health = fixedHealth({ gitVersion: 'v1' });
  const member = memberAt('https://10.0.0.1:6443', { health });
  let open: OpenServer;
  beforeAll(async () => {
    open = await openServer({ members: [member] });
  });
  afterAll(async () => open.close());

  async function watch(query: string, accept = 'application/json'): Promise<Watch> {
    const dispatcher = new Agent({ connect: { ca: open.authority, ...open.admin } });
    const { body } = await request(`${open.url}${CLUSTERS}?watch=1${query}`, {
      dispatcher,
      headers: { accept },
    });
    const lines = createInterface({ input: body })[Symbol.asyncIterator]();
    return {
      next: async () => {
        const { value, done } = await lines.next();
        return done === true ? undefined : (JSON.parse(value) as Event);
      },
      stop: async () => dispatcher.destroy(),
    };
  }

  it('without a version begins with what exists, then tells changes', async () => {
    const events = await watch('');
    const first = await events.next();
    health.say({ gitVersion: 'v2' });
    const second = await events.next();
    open.setMembers([]);
    const third = await events.next();
    open.setMembers([member]);
    const fourth = await events.next();
    await events.stop();

    expect([first, second, third, fourth].map((event) => event?.type)).toEqual([
      'ADDED',
      'MODIFIED',
      'DELETED',
      'ADDED',
    ]);
    expect(second?.object.status?.kubernetesVersion).toBe('v2');
    expect(BigInt(third?.object.metadata.resourceVersion ?? 0)).toBeGreaterThan(
      BigInt(second?.object.metadata.resourceVersion ?? 0),
    );
  });

  it('from a version tells exactly what happened since', async () => {
    const list = (await open.ask(CLUSTERS)).json() as { metadata: { resourceVersion: string } };
    health.say({ gitVersion: 'v3' });
    health.say({ gitVersion: 'v4' });

    const events = await watch(`&resourceVersion=${list.metadata.resourceVersion}`);
    const seen = [await events.next(), await events.next()];
    await events.stop();

    expect(seen.map((event) => event?.object.status?.kubernetesVersion)).toEqual(['v3', 'v4']);
  });

  it('initial events end with the marked bookmark', async () => {
    const events = await watch(
      '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    const seen = [await events.next(), await events.next()];
    await events.stop();

    expect(seen.map((event) => event?.type)).toEqual(['ADDED', 'BOOKMARK']);
    expect(seen[1]?.object).toMatchObject({
      kind: 'Cluster',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
  });

  it('a version older than history ends in an Expired event', async () => {
    const events = await watch('&resourceVersion=1');
    const seen = [await events.next(), await events.next()];

    expect(seen[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(seen[1]).toBeUndefined();
  });

  it('a Table watch sends its columns once', async () => {
    const events = await watch('', 'application/json;as=Table;v=v1;g=meta.k8s.io');
    const first = await events.next();
    health.say({ gitVersion: 'v5' });
    const second = await events.next();
    await events.stop();

    expect(first?.object.columnDefinitions?.length).toBeGreaterThan(0);
    expect(second?.object).toMatchObject({ kind: 'Table', columnDefinitions: [] });
    expect(second?.object.rows).toHaveLength(1);
  });

  it('one object is watched by its name', async () => {
    const other = await watch('&fieldSelector=metadata.name%3Dother&timeoutSeconds=1');
    const mine = await watch('&fieldSelector=metadata.name%3Dm1&timeoutSeconds=1');
    health.say({ gitVersion: 'v6' });

    expect((await mine.next())?.object.metadata.name).toBe('m1');
    expect(await other.next()).toBeUndefined();
  });

  it('ends by itself after timeoutSeconds', async () => {
    const events = await watch(
      '&timeoutSeconds=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan',
    );

    expect(await events.next()).toBeUndefined();
  });

  it.each([
    { query: '&sendInitialEvents=true', code: 422 },
    { query: '&resourceVersionMatch=NotOlderThan', code: 422 },
    { query: '&continue=x', code: 422 },
    { query: '&labelSelector=a(b', code: 400 },
  ])('$query is refused before the stream begins', async ({ query, code }) => {
    expect((await open.ask(`${CLUSTERS}?watch=1${query}`)).code).toBe(code);
  });

  it('a WebSocket watch is answered as a plain stream', async () => {
    const socket = await open.connect();
    socket.write(
      `GET ${CLUSTERS}?watch=1&timeoutSeconds=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);

    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text).toContain('"type":"ADDED"');
  });
});
