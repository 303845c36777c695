import { afterEach, describe, expect, it } from 'vitest';
import { KARMADA_VIEW, VIEW_ALL, type View } from '../../src/views/index.ts';
import { ScriptedMember } from '../support/scripted-member.ts';
import { bodyOf, scriptedViews } from '../support/scripted-views.ts';

const PODS = '/api/v1/namespaces/shop/pods';
let stop: (() => Promise<void>) | undefined;

async function openViews() {
  const members = ['m1', 'm2'].map((name) => new ScriptedMember(name));
  for (const member of members) member.put({ namespace: 'shop', name: 'web' }, 1);
  members[0]!.put({ namespace: 'shop', name: 'only' }, 1);
  const { ask, views, close, informers } = scriptedViews(members);
  stop = close;
  await bodyOf(await ask(''));
  const get = async (name: string, query = '', view: View = VIEW_ALL) =>
    ask(query, { path: `${PODS}/${name}`, view });
  return { m1: members[0]!, m2: members[1]!, ask, get, views, informers };
}

describe('one object of a view', () => {
  afterEach(async () => stop?.());

  it('is read live from its member by its qualified name', async () => {
    const { m1, m2, get } = await openViews();

    const answer = await get('web@m1');

    expect(await bodyOf(answer)).toMatchObject({
      kind: 'Pod',
      metadata: { name: 'web@m1', uid: 'm1-1' },
      spec: { nodeName: 'node-1@m1' },
    });
    expect(m1.calls.map(({ path }) => path)).toEqual([`${PODS}/web`]);
    expect(m2.calls).toEqual([]);
  });

  it('is read from the cache where any version will do', async () => {
    const { m1, get } = await openViews();

    const answer = await get('web@m1', 'resourceVersion=0');

    expect(await bodyOf(answer)).toMatchObject({ metadata: { name: 'web@m1' } });
    expect(m1.calls).toEqual([]);
  });

  it('is seen by everyone as soon as one has read it', async () => {
    const { m1, ask, get } = await openViews();
    m1.forgetStreams();
    m1.put({ namespace: 'shop', name: 'web' }, 2);

    const read = (await bodyOf(await get('web@m1'))) as { metadata: { resourceVersion: string } };
    const list = (await bodyOf(await ask('fieldSelector=metadata.name=web@m1'))) as {
      items: unknown[];
    };

    expect(list.items[0]).toMatchObject({ metadata: read.metadata });
    expect(list.items[0]).toMatchObject({ spec: { nodeName: 'node-2@m1' } });
  });

  it('of a dead member is shown as last known', async () => {
    const { m1, get } = await openViews();
    m1.die();

    const answer = await get('web@m1');

    expect(await bodyOf(answer)).toMatchObject({ metadata: { name: 'web@m1' } });
    expect(answer.freshness).toMatchObject([{ cluster: 'm1', state: 'stale' }]);
    await expect(get('nothing@m1')).rejects.toMatchObject({ code: 503 });
  });

  it.each([401, 403, 429, 500, 503])(
    'is shown as last known while its member answers %i',
    async (code) => {
      const { m1, get } = await openViews();
      m1.refusesWith = code;

      const answer = await get('web@m1');

      expect(answer.statusCode).toBe(200);
      expect(answer.freshness).toMatchObject([{ cluster: 'm1', state: 'stale' }]);
    },
  );

  it('that is not there is told of by the member, in the names of the view', async () => {
    const { get } = await openViews();

    const answer = await get('nothing@m2');

    expect(answer.statusCode).toBe(404);
    expect(await bodyOf(answer)).toMatchObject({
      code: 404,
      message: 'pods "nothing@m2" not found',
      details: { name: 'nothing@m2' },
    });
  });

  it.each([
    { name: 'web', choices: ['web@m1', 'web@m2'] },
    { name: 'only', choices: ['only@m1'] },
    { name: 'nothing', choices: [] },
    { name: 'web@elsewhere', choices: [] },
  ])('has its choices, if its name is plain: $name', async ({ name, choices }) => {
    const { get } = await openViews();

    const causes = choices.map((message) => ({
      reason: 'Choice',
      message,
      field: 'metadata.name',
    }));
    await expect(get(name)).rejects.toMatchObject({
      code: 404,
      details: { name, kind: 'pods', ...(causes.length > 0 && { causes }) },
    });
  });

  it('has its plain name at Karmada’s path, if that is unique', async () => {
    const { get } = await openViews();

    const only = await bodyOf(await get('only', '', KARMADA_VIEW));

    expect(only).toMatchObject({
      metadata: {
        name: 'only',
        annotations: { 'resource.karmada.io/cached-from-cluster': 'm1' },
      },
      spec: { nodeName: 'node-1' },
    });
    await expect(get('web', '', KARMADA_VIEW)).rejects.toMatchObject({
      code: 409,
      details: { causes: [{ message: 'm1' }, { message: 'm2' }] },
    });
    await expect(get('nothing', '', KARMADA_VIEW)).rejects.toMatchObject({ code: 404 });
  });

  it.each([
    { name: 'web@m2', to: 'm2 web' },
    { name: 'only', to: 'm1 only' },
  ])('has its streams at its member: $name', async ({ name, to }) => {
    const { views } = await openViews();

    const passage = await views.handle({
      view: VIEW_ALL,
      method: 'GET',
      path: `${PODS}/${name}/log`,
      query: new URLSearchParams('follow=true'),
      headers: {},
      user: { name: 'tester', uid: '', groups: [], extra: {} },
      readBody: async () => Promise.resolve(Buffer.alloc(0)),
      signal: new AbortController().signal,
    });

    const [member, own] = to.split(' ');
    expect(passage).toMatchObject({
      member: { name: member },
      path: `${PODS}/${own}/log?follow=true`,
    });
  });

  it('that several clusters have has no stream of its plain name', async () => {
    const { ask } = await openViews();

    await expect(ask('', { path: `${PODS}/web/log` })).rejects.toMatchObject({
      code: 409,
      details: { causes: [{ message: 'web@m1' }, { message: 'web@m2' }] },
    });
  });

  it('that was deleted while it was read has a version to go on from', async () => {
    const { m1, get, informers } = await openViews();
    const [pods] = informers.list();
    m1.answer = () => {
      pods?.cache.remove('m1', 'shop/web');
      return undefined;
    };

    const { metadata } = (await bodyOf(await get('web@m1'))) as {
      metadata: { resourceVersion: string };
    };

    expect(metadata.resourceVersion).toBe(String(pods?.cache.latest));
  });
});

describe('a review of one’s own rights', () => {
  afterEach(async () => stop?.());

  const review = async (resource: string, kind: string, spec: object) => {
    const { ask } = await openViews();
    const group = resource === 'selfsubjectreviews' ? 'authentication' : 'authorization';
    const apiVersion = `${group}.k8s.io/v1`;
    return ask('', {
      method: 'POST',
      path: `/apis/${apiVersion}/${resource}`,
      body: JSON.stringify({ apiVersion, kind, spec }),
    });
  };

  it.each([
    {
      resource: 'selfsubjectaccessreviews',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'list', resource: 'pods' } },
      status: { allowed: true },
    },
    {
      resource: 'selfsubjectaccessreviews',
      kind: 'SelfSubjectAccessReview',
      spec: { nonResourceAttributes: { verb: 'get', path: '/x' } },
      status: { allowed: true },
    },
    {
      resource: 'selfsubjectrulesreviews',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: 'shop' },
      status: { incomplete: false, resourceRules: [{ apiGroups: ['*'] }] },
    },
    {
      resource: 'selfsubjectreviews',
      kind: 'SelfSubjectReview',
      spec: {},
      status: { userInfo: { username: 'tester' } },
    },
  ])('is answered here: $kind', async ({ resource, kind, spec, status }) => {
    const answer = await review(resource, kind, spec);

    expect(answer.statusCode).toBe(201);
    expect(await bodyOf(answer)).toMatchObject({ kind, status });
  });
});
