import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedHealth, memberAt } from '../support/loopback-member.ts';
import { openServer, type OpenServer } from './open-server.ts';

const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';
const VIEWS = '/apis/flotilla.io/v1alpha1/views';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

interface Cluster {
  metadata: { name: string; resourceVersion: string; uid: string };
  spec: Record<string, unknown>;
  status: { conditions: { type: string; status: string; reason: string; message: string }[] };
}
interface List {
  kind: string;
  apiVersion: string;
  metadata: { resourceVersion: string };
  items: Cluster[];
}
interface Table {
  kind: string;
  columnDefinitions: { name: string; priority: number }[];
  rows: { cells: unknown[]; object: { kind: string } | null }[];
}

describe('kinds of our own', () => {
  const health = fixedHealth({ gitVersion: 'v1.36.3', uid: 'b1', lastAnswerMs: 1 });
  let open: OpenServer;
  beforeAll(async () => {
    open = await openServer({ members: [memberAt('https://10.0.0.1:6443/prefix', { health })] });
  });
  afterAll(async () => open.close());
  const list = async (query = ''): Promise<List> =>
    (await open.ask(`${CLUSTERS}${query}`)).json() as List;

  it('a member is a Cluster with its address, id and version', async () => {
    const { kind, apiVersion, items } = await list();

    expect({ kind, apiVersion }).toEqual({
      kind: 'ClusterList',
      apiVersion: 'cluster.karmada.io/v1alpha1',
    });
    expect(items).toMatchObject([
      {
        kind: 'Cluster',
        metadata: { name: 'm1' },
        spec: { apiEndpoint: 'https://10.0.0.1:6443/prefix', id: 'b1', syncMode: 'Push' },
        status: { kubernetesVersion: 'v1.36.3' },
      },
    ]);
  });

  it.each([
    {
      title: 'healthy',
      said: { isAlive: true, lastError: undefined },
      want: { status: 'True', reason: 'ClusterReady' },
    },
    {
      title: 'answering, but refusing us',
      said: { isAlive: true, lastError: 'it refuses our credentials (401)' },
      want: {
        status: 'False',
        reason: 'ClusterNotReady',
        message: 'it refuses our credentials (401)',
      },
    },
    {
      title: 'silent',
      said: { isAlive: false, lastError: 'connection refused' },
      want: { status: 'False', reason: 'ClusterNotReachable', message: 'connection refused' },
    },
    {
      title: 'not asked yet',
      said: { isAlive: false, lastError: undefined, lastAnswerMs: undefined },
      want: { status: 'Unknown', reason: 'ClusterStatusNeverUpdated' },
    },
  ])('a member that is $title has the condition Ready to match', async ({ said, want }) => {
    health.say(said);

    const { items } = await list();

    expect(items[0]?.status.conditions).toMatchObject([{ type: 'Ready', ...want }]);
  });

  it('one object is got by name, and an unknown name is 404', async () => {
    const cluster = (await open.ask(`${CLUSTERS}/m1`)).json() as Cluster;
    const missing = await open.status(`${CLUSTERS}/nope`);

    expect(cluster.metadata.name).toBe('m1');
    expect(missing).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'clusters.cluster.karmada.io "nope" not found',
      details: { name: 'nope', group: 'cluster.karmada.io', kind: 'clusters' },
    });
  });

  it('a Table has the columns of Karmada, with the wide ones marked', async () => {
    health.say({ isAlive: true, lastError: undefined });

    const table = (await open.ask(CLUSTERS, { headers: { accept: TABLE } })).json() as Table;

    expect(
      table.columnDefinitions.map(({ name, priority }) => `${name}${priority > 0 ? '*' : ''}`),
    ).toEqual([
      'Name',
      'Version',
      'Mode',
      'Ready',
      'Age',
      'Zones*',
      'Region*',
      'Provider*',
      'API-Endpoint*',
      'Proxy-URL*',
    ]);
    expect(table.rows[0]?.cells.slice(0, 4)).toEqual(['m1', 'v1.36.3', 'Push', 'True']);
    expect(table.rows[0]?.cells[4]).toMatch(/^\d+s$/);
    expect(table.rows[0]?.object?.kind).toBe('PartialObjectMetadata');
  });

  it.each([
    { include: 'Object', kind: 'Cluster' },
    { include: 'None', kind: undefined },
  ])('includeObject=$include decides what a row carries', async ({ include, kind }) => {
    const path = `${CLUSTERS}?includeObject=${include}`;

    const table = (await open.ask(path, { headers: { accept: TABLE } })).json() as Table;

    expect(table.rows[0]?.object?.kind).toBe(kind);
  });

  it('metadata alone can be asked for', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

    const found = (await open.ask(CLUSTERS, { headers: { accept } })).json() as List;

    expect(found).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'm1' } }],
    });
    expect(found.items[0]?.spec).toBeUndefined();
  });

  it('YAML is the same list', async () => {
    const { headers, text } = await open.ask(CLUSTERS, { headers: { accept: 'application/yaml' } });

    expect(headers['content-type']).toBe('application/yaml');
    expect(parse(text)).toEqual(await list());
  });

  it.each([
    { query: '?fieldSelector=metadata.name%3Dm1', names: ['m1'] },
    { query: '?fieldSelector=metadata.name!%3Dm1', names: [] },
    { query: '?labelSelector=a%3Db', names: [] },
    { query: '?labelSelector=!a', names: ['m1'] },
    { query: '?limit=1', names: ['m1'] },
    { query: '?resourceVersion=0', names: ['m1'] },
  ])('a list with $query holds $names', async ({ query, names }) => {
    const { items } = await list(query);

    expect(items.map(({ metadata }) => metadata.name)).toEqual(names);
  });

  it.each([
    {
      title: 'an unknown field',
      query: '?fieldSelector=spec.id%3Db1',
      code: 400,
      reason: 'BadRequest',
    },
    {
      title: 'a malformed label selector',
      query: '?labelSelector=a(b',
      code: 400,
      reason: 'BadRequest',
    },
    { title: 'a malformed limit', query: '?limit=x', code: 400, reason: 'BadRequest' },
    { title: 'a made-up continue token', query: '?continue=abc', code: 400, reason: 'BadRequest' },
    {
      title: 'a malformed resourceVersion',
      query: '?resourceVersion=x',
      code: 400,
      reason: 'BadRequest',
    },
    {
      title: 'a version of the future',
      query: '?resourceVersion=9999999999999999999',
      code: 504,
      reason: 'Timeout',
    },
    {
      title: 'an exact version of the past',
      query: '?resourceVersion=1&resourceVersionMatch=Exact',
      code: 410,
      reason: 'Expired',
    },
  ])('$title is $code', async ({ query, code, reason }) => {
    expect(await open.status(`${CLUSTERS}${query}`)).toMatchObject({ code, reason });
  });

  it('a form that nobody makes is 406', async () => {
    const status = await open.status(CLUSTERS, { headers: { accept: 'text/html' } });

    expect(status).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  });

  it.each([
    { method: 'POST', path: CLUSTERS },
    { method: 'DELETE', path: CLUSTERS },
    { method: 'PUT', path: `${CLUSTERS}/m1` },
    { method: 'PATCH', path: `${CLUSTERS}/m1` },
    { method: 'DELETE', path: `${VIEWS}/all` },
    { method: 'OPTIONS', path: CLUSTERS },
  ])('$method $path is 405', async ({ method, path }) => {
    const status = await open.status(path, { method, body: '{}' });

    expect(status).toMatchObject({ code: 405, reason: 'MethodNotAllowed' });
  });

  it('the views that are always there are listed with their members', async () => {
    const { items } = (await open.ask(VIEWS)).json() as { items: { metadata: { name: string } }[] };

    expect(items).toMatchObject([
      { metadata: { name: 'all' }, spec: { naming: 'Qualified' }, status: { clusters: ['m1'] } },
      { metadata: { name: 'control-plane' }, spec: { naming: 'Plain' } },
    ]);
  });

  it('the control plane is a view too', async () => {
    const below = await open.ask(`${VIEWS}/control-plane/proxy${CLUSTERS}/m1`);
    const byName = await open.ask(`${CLUSTERS}/m1`, { serverName: 'control-plane.view.flotilla' });

    expect(below.text).toBe((await open.ask(`${CLUSTERS}/m1`)).text);
    expect(byName.text).toBe(below.text);
  });

  it.each([
    '/apis/nope.io/v1/things',
    '/apis/cluster.karmada.io/v1/clusters',
    '/apis/cluster.karmada.io/v1alpha1/things',
    `${CLUSTERS}/m1/status`,
    `${CLUSTERS}/m1/proxyx`,
    '/apis/cluster.karmada.io/v1alpha1/namespaces/a/clusters',
    '/api/v1/pods',
    '/nothing',
  ])('%s is 404', async (path) => {
    const status = await open.status(path);

    expect(status).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    });
  });

  it('an unchanged member keeps its resourceVersion, a changed one gets a greater', async () => {
    const before = await list();
    health.say({});
    const same = await list();
    health.say({ gitVersion: 'v1.37.0' });
    const after = await list();
    await sleep(0);

    expect(same.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(BigInt(after.metadata.resourceVersion)).toBeGreaterThan(
      BigInt(before.metadata.resourceVersion),
    );
    expect(after.items[0]?.metadata.resourceVersion).toBe(after.metadata.resourceVersion);
    expect(after.items[0]?.metadata.uid).toBe(before.items[0]?.metadata.uid);
  });
});
