import { afterEach, describe, expect, it } from 'vitest';
import { KARMADA_VIEW } from '../../src/views/index.ts';
import { ScriptedMember } from '../support/scripted-member.ts';
import { bodyOf, scriptedViews } from '../support/scripted-views.ts';

const WEB = { namespace: 'shop', name: 'web' };
const PODS = '/api/v1/namespaces/shop/pods';
const STATUS = { kind: 'Status', apiVersion: 'v1', status: 'Success', details: { uid: 'm1-1' } };

let stop: (() => Promise<void>) | undefined;

async function openViews() {
  const members = ['m1', 'm2'].map((name) => new ScriptedMember(name));
  for (const member of members) member.put(WEB, 1);
  const { ask, close, informers } = scriptedViews(members);
  stop = close;
  const list = async () =>
    (await bodyOf(await ask(''))) as {
      items: { metadata: { name: string; resourceVersion: string } }[];
    };
  const before = await list();
  for (const { calls } of members) calls.length = 0;
  return { m1: members[0]!, m2: members[1]!, ask, list, before, informers };
}

const pod = (name: string, version: number): object => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { ...WEB, name, uid: 'm1-1', resourceVersion: String(version) },
  spec: { nodeName: 'node-1' },
});

describe('a write through a view', () => {
  afterEach(async () => stop?.());

  it('goes to the member that the name says, and is seen at once', async () => {
    const { m1, m2, ask, list } = await openViews();
    m1.answer = () => ({ statusCode: 200, body: pod('web', 50) });

    const answer = await ask('', {
      method: 'PATCH',
      path: `${PODS}/web@m1`,
      contentType: 'application/merge-patch+json',
      body: '{"metadata":{"labels":{"a":"b"}}}',
    });
    const written = (await bodyOf(answer)) as {
      metadata: { name: string; resourceVersion: string };
    };

    expect(m1.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([`PATCH ${PODS}/web`]);
    expect(m2.calls).toEqual([]);
    expect(written.metadata.name).toBe('web@m1');
    expect((await list()).items[0]?.metadata.resourceVersion).toBe(
      written.metadata.resourceVersion,
    );
  });

  it('of a plain name reaches no member: its choices are told', async () => {
    const { m1, m2, ask } = await openViews();

    await expect(ask('', { method: 'DELETE', path: `${PODS}/web` })).rejects.toMatchObject({
      code: 404,
      details: { causes: [{ message: 'web@m1' }, { message: 'web@m2' }] },
    });
    expect([...m1.calls, ...m2.calls]).toEqual([]);
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('is refused at Karmada’s path: %s', async (method) => {
    const { ask } = await openViews();

    await expect(
      ask('', { method, path: `${PODS}/web`, view: KARMADA_VIEW, body: '{}' }),
    ).rejects.toMatchObject({ code: 405 });
    await expect(
      ask('labelSelector=flotilla.io/cluster', {
        method: 'DELETE',
        path: PODS,
        view: KARMADA_VIEW,
      }),
    ).rejects.toMatchObject({ code: 405 });
  });

  it.each([
    { title: 'current', change: false, theirs: '2' },
    { title: 'older one', change: true, theirs: '2' },
  ])('sends the member its own version for our $title', async ({ change, theirs }) => {
    const { m1, ask, before, list } = await openViews();
    const ours = before.items[0]?.metadata.resourceVersion;
    if (change) {
      m1.put(WEB, 2);
      await expect
        .poll(async () => (await list()).items[0]?.metadata.resourceVersion)
        .not.toBe(ours);
    }
    m1.answer = ({ method }) =>
      method === 'DELETE' ? { statusCode: 200, body: STATUS } : undefined;

    await ask('', {
      method: 'DELETE',
      path: `${PODS}/web@m1`,
      contentType: 'application/json',
      body: JSON.stringify({ kind: 'DeleteOptions', preconditions: { resourceVersion: ours } }),
    });

    const sent = m1.calls.find(({ method }) => method === 'DELETE')?.body;
    expect(JSON.parse((sent as Buffer).toString())).toMatchObject({
      preconditions: { resourceVersion: theirs },
    });
  });

  it('that deletes takes the object out at once', async () => {
    const { m1, ask, list } = await openViews();
    m1.answer = () => ({ statusCode: 200, body: STATUS });

    await ask('', { method: 'DELETE', path: `${PODS}/web@m1` });

    expect((await list()).items.map(({ metadata }) => metadata.name)).toEqual(['web@m2']);
  });

  it.each([
    { title: 'its query', query: 'dryRun=All', body: '', contentType: 'application/json' },
    {
      title: 'its body',
      query: '',
      body: '{"kind":"DeleteOptions","dryRun":["All"]}',
      contentType: 'application/json',
    },
    {
      title: 'its body in YAML',
      query: '',
      body: 'kind: DeleteOptions\ndryRun: [All]\n',
      contentType: 'application/yaml',
    },
    {
      title: 'its body in protobuf',
      query: '',
      body: 'k8s\0\x0a\x13\x0a\x02v1\x12\x0dDeleteOptions\x12\x05\x2a\x03All\x1a\0\x22\0',
      contentType: 'application/vnd.kubernetes.protobuf',
    },
  ])('that is a dry run by $title changes nothing', async ({ query, ...how }) => {
    const { m1, ask, list, before } = await openViews();
    m1.answer = () => ({ statusCode: 200, body: STATUS });

    const answer = await ask(query, { method: 'DELETE', path: `${PODS}/web@m1`, ...how });

    expect(answer.statusCode).toBe(200);
    expect(await list()).toEqual(before);
    m1.put(WEB, 2);
    await expect.poll(list).not.toEqual(before);
  });

  it('of a scale is shown in the names of the view, a dry run too', async () => {
    const { m1, ask, list, before } = await openViews();
    const metadata = { ...WEB, uid: 'm1-1', resourceVersion: '2' };
    m1.answer = ({ method }) =>
      method === 'PATCH'
        ? { statusCode: 200, body: { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata } }
        : undefined;

    const answer = await ask('dryRun=All', {
      method: 'PATCH',
      path: `${PODS}/web@m1/scale`,
      contentType: 'application/merge-patch+json',
      body: '{"spec":{"replicas":3}}',
    });

    const { resourceVersion } = before.items[0]!.metadata;
    expect(await bodyOf(answer)).toMatchObject({ metadata: { name: 'web@m1', resourceVersion } });
    expect(await list()).toEqual(before);
  });

  it('passes on when it may be tried again', async () => {
    const { m1, ask } = await openViews();
    m1.answer = () => ({
      statusCode: 429,
      body: { kind: 'Status', code: 429, message: 'wait' },
      headers: { 'retry-after': '10' },
    });

    const answer = await ask('', { method: 'DELETE', path: `${PODS}/web@m1` });

    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toEqual({ 'Retry-After': '10' });
  });
});

describe('the deletion of a collection', () => {
  afterEach(async () => stop?.());

  const deletes = ({ calls }: ScriptedMember): string[] =>
    calls
      .filter(({ method }) => method === 'DELETE')
      .map(({ path }) => decodeURIComponent(path.replaceAll('+', ' ')));

  it('reaches no member that no label selects', async () => {
    const { m1, m2, ask } = await openViews();

    const answer = await ask('', { method: 'DELETE', path: PODS });

    expect(answer.warnings?.[0]).toContain('nothing in members was deleted');
    expect([...deletes(m1), ...deletes(m2)]).toEqual([]);
  });

  it('gives each member its part of the selectors, and tells what was deleted', async () => {
    const { m1, m2, ask } = await openViews();
    for (const member of [m1, m2])
      member.answer = ({ method }) =>
        method === 'DELETE'
          ? { statusCode: 200, body: { kind: 'PodList', metadata: {}, items: [pod('gone', 9)] } }
          : undefined;

    const answer = await ask(
      'labelSelector=flotilla.io/cluster,app=web&fieldSelector=metadata.name!=web@m1',
      { method: 'DELETE', path: PODS },
    );

    expect(deletes(m1)).toEqual([
      `${PODS}?labelSelector=app in (web)&fieldSelector=metadata.name!=web`,
    ]);
    expect(deletes(m2)).toEqual([`${PODS}?labelSelector=app in (web)`]);
    const { items } = (await bodyOf(answer)) as { items: { metadata: { name: string } }[] };
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['gone@m1', 'gone@m2']);
  });

  it('deletes nothing when one of its members is down', async () => {
    const { m1, m2, ask } = await openViews();
    m2.die();

    await expect(
      ask('labelSelector=flotilla.io/cluster', { method: 'DELETE', path: PODS }),
    ).rejects.toMatchObject({ code: 503 });
    expect(deletes(m1)).toEqual([]);
  });

  it('tells where it failed', async () => {
    const { m1, m2, ask } = await openViews();
    const list = { kind: 'PodList', metadata: {}, items: [] };
    m1.answer = ({ method }) => (method === 'DELETE' ? { statusCode: 200, body: list } : undefined);
    m2.answer = ({ method }) =>
      method === 'DELETE'
        ? { statusCode: 500, body: { kind: 'Status', message: 'no' } }
        : undefined;

    await expect(
      ask('labelSelector=flotilla.io/cluster', { method: 'DELETE', path: PODS }),
    ).rejects.toMatchObject({ code: 503, details: { causes: [{ field: 'm2' }] } });
  });
});

describe('a kind that can not be watched', () => {
  afterEach(async () => stop?.());

  const METRICS = '/apis/metrics.k8s.io/v1beta1';
  const usage = (name: string) => ({ metadata: { name, namespace: 'shop' }, containers: [] });

  async function openMetrics() {
    const views = await openViews();
    for (const member of [views.m1, views.m2])
      member.answer = ({ path }) => {
        if (path.includes('/pods/'))
          return path.endsWith('/web') && member === views.m1
            ? { statusCode: 200, body: usage('web') }
            : { statusCode: 404, body: { kind: 'Status', code: 404, message: 'not found' } };
        return path.startsWith(METRICS)
          ? { statusCode: 200, body: { metadata: {}, items: [usage('web')] } }
          : undefined;
      };
    return views;
  }

  it('is read live everywhere; who does not answer is named', async () => {
    const { m2, ask } = await openMetrics();
    m2.die();

    const answer = await ask('fieldSelector=metadata.name=web', { path: `${METRICS}/pods` });

    const { items } = (await bodyOf(answer)) as { items: { metadata: { name: string } }[] };
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['web@m1']);
    expect(answer.freshness).toMatchObject([{ cluster: 'm2', state: 'missing' }]);
  });

  it('is asked of each member with its part of the selectors', async () => {
    const { m1, m2, ask } = await openMetrics();

    await ask('fieldSelector=metadata.name=web@m1', { path: `${METRICS}/pods` });

    expect(m1.calls.map(({ path }) => path)).toEqual([
      `${METRICS}/pods?fieldSelector=metadata.name%3Dweb`,
    ]);
    expect(m2.calls).toEqual([]);
  });

  it('is found by its qualified name; a plain one has its true choices', async () => {
    const { ask } = await openMetrics();
    const at = (name: string) => ask('', { path: `${METRICS}/namespaces/shop/pods/${name}` });

    expect(await bodyOf(await at('web@m1'))).toMatchObject({ metadata: { name: 'web@m1' } });
    await expect(at('web')).rejects.toMatchObject({
      code: 404,
      details: { causes: [{ message: 'web@m1' }] },
    });
    await expect(at('web@m2')).rejects.toMatchObject({ code: 404 });
  });

  it('is not said to be missing at a member that does not answer', async () => {
    const { m1, ask } = await openMetrics();
    m1.die();

    await expect(ask('', { path: `${METRICS}/namespaces/shop/pods/web@m1` })).rejects.toMatchObject(
      { code: 503 },
    );
  });
});
