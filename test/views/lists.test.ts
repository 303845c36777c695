import { afterEach, describe, expect, it } from 'vitest';
import { KARMADA_VIEW } from '../../src/views/index.ts';
import { ScriptedMember } from '../support/scripted-member.ts';
import { bodyOf, scriptedViews, textOf } from '../support/scripted-views.ts';

interface List {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

const key = (name: string) => ({ namespace: 'shop', name });
let stop: (() => Promise<void>) | undefined;

function openViews(members = ['m1', 'm2'].map((name) => new ScriptedMember(name))) {
  for (const member of members) for (const name of ['a', 'b', 'c']) member.put(key(name), 1);
  const { ask, close, informers } = scriptedViews(members);
  stop = close;
  const list = async (query: string): Promise<List> => (await bodyOf(await ask(query))) as List;
  return { members, ask, list, informers };
}

const names = ({ items }: List): string[] => items.map(({ metadata }) => metadata.name);

describe('a list of many members', () => {
  afterEach(async () => stop?.());

  it.each([
    { query: '', are: ['a@m1', 'b@m1', 'c@m1', 'a@m2', 'b@m2', 'c@m2'] },
    { query: 'fieldSelector=metadata.name=b', are: ['b@m1', 'b@m2'] },
    { query: 'fieldSelector=metadata.name=b@m2', are: ['b@m2'] },
    { query: 'fieldSelector=metadata.name!=b@m2', are: ['a@m1', 'b@m1', 'c@m1', 'a@m2', 'c@m2'] },
    { query: 'labelSelector=flotilla.io/cluster=m2', are: ['a@m2', 'b@m2', 'c@m2'] },
    { query: 'labelSelector=!flotilla.io/cluster', are: [] },
    { query: 'labelSelector=flotilla.io/cluster notin (m2,m3)', are: ['a@m1', 'b@m1', 'c@m1'] },
    { query: 'fieldSelector=spec.nodeName=node-1@m1', are: ['a@m1', 'b@m1', 'c@m1'] },
    { query: 'fieldSelector=metadata.namespace=other', are: [] },
  ])('with "$query" holds $are', async ({ query, are }) => {
    const { list } = openViews();

    expect(names(await list(query))).toEqual(are);
  });

  it('is cut in pages of one snapshot, whatever changes between them', async () => {
    const { list, members } = openViews();

    const first = await list('limit=2');
    members[0]!.delete(key('c'));
    members[0]!.put(key('bb'), 1);
    members[1]!.put(key('0'), 1);
    const token = first.metadata.continue ?? '';
    const second = await list(`limit=3&continue=${token}`);
    const third = await list(`limit=3&continue=${second.metadata.continue ?? ''}`);

    expect([first, second, third].map(names)).toEqual([
      ['a@m1', 'b@m1'],
      ['c@m1', 'a@m2', 'b@m2'],
      ['c@m2'],
    ]);
    expect(first.metadata.remainingItemCount).toBe(4);
    expect(third.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
  });

  it('says nothing of what remains when a selector hides it', async () => {
    const { list } = openViews();

    const { metadata } = await list('limit=2&fieldSelector=metadata.name!=a');

    expect(metadata.continue).toBeDefined();
    expect(metadata.remainingItemCount).toBeUndefined();
  });

  it('goes on by position, under the version of its token, where its snapshot is unknown', async () => {
    const { list } = openViews();
    const token = Buffer.from(
      JSON.stringify({ v: 'flotilla.io/v1', rv: '5013', at: ['m1', 'shop', 'b'] }),
    ).toString('base64url');

    const rest = await list(`limit=500&continue=${token}`);

    expect(names(rest)).toEqual(['c@m1', 'a@m2', 'b@m2', 'c@m2']);
    expect(rest.metadata.resourceVersion).toBe('5013');
  });

  it('is shown as of an exact version', async () => {
    const { list, members, informers } = openViews();
    const { resourceVersion } = (await list('')).metadata;
    const [pods] = informers.list();
    members[0]!.put(key('d'), 1);
    await expect.poll(() => pods?.cache.get('m1', 'shop/d')).toBeDefined();

    const query = `resourceVersion=${resourceVersion}`;
    expect(names(await list(`${query}&resourceVersionMatch=Exact`))).not.toContain('d@m1');
    expect(names(await list(`${query}&limit=500`))).not.toContain('d@m1');
    expect(names(await list(`${query}&resourceVersionMatch=NotOlderThan`))).toContain('d@m1');
    expect(names(await list(query))).toContain('d@m1');
  });

  it.each([
    { title: 'an exact version of before our start', query: 'resourceVersion=5007', code: 410 },
    { title: 'an exact version of another replica', query: 'resourceVersion=5013', code: 410 },
    { title: 'a version of the future', query: 'resourceVersion=9000000000000000007', code: 504 },
  ])('refuses $title with $code', async ({ query, code }) => {
    const { list } = openViews();

    await expect(list(`${query}&resourceVersionMatch=Exact`)).rejects.toMatchObject({ code });
  });

  it.each([
    'x',
    '!!!',
    'e30',
    Buffer.from('{"v":"flotilla.io/v1","rv":"1"}').toString('base64url'),
  ])('refuses the continue token %s', async (token) => {
    const { list } = openViews();

    await expect(list(`continue=${token}`)).rejects.toMatchObject({ reason: 'BadRequest' });
  });

  it.each(['spec.foo=x', 'constructor=x', '__proto__=x'])(
    'refuses to select by %s',
    async (selector) => {
      const { list } = openViews();

      await expect(list(`fieldSelector=${selector}`)).rejects.toMatchObject({
        reason: 'BadRequest',
      });
    },
  );

  it('names a member that was never read, and shows the others in time', async () => {
    const members = ['m1', 'm2'].map((name) => new ScriptedMember(name));
    members[1]!.freeze();
    const { ask } = openViews(members);

    const startMs = Date.now();
    const answer = await ask('');

    expect(Date.now() - startMs).toBeLessThan(1_000);
    expect(names((await bodyOf(answer)) as List)).toEqual(['a@m1', 'b@m1', 'c@m1']);
    expect(answer.freshness?.map(({ cluster, state }) => `${cluster} ${state}`)).toEqual([
      'm1 fresh',
      'm2 missing',
    ]);
    members[1]!.heal();
  });

  it('shows a dead member as last known', async () => {
    const { ask, members } = openViews();
    await bodyOf(await ask(''));
    members[1]!.die();

    const answer = await ask('');

    expect(names((await bodyOf(answer)) as List)).toHaveLength(6);
    expect(answer.freshness?.find(({ cluster }) => cluster === 'm2')?.state).toBe('stale');
  });

  it('tags every object, and puts the cluster into tables and metadata too', async () => {
    const { ask } = openViews([new ScriptedMember('m1')]);
    const accept = (as: string) => `application/json;as=${as};g=meta.k8s.io;v=v1`;

    const whole = (await bodyOf(await ask('limit=1'))) as { items: unknown[] };
    const partial = (await bodyOf(
      await ask('limit=1', { accept: accept('PartialObjectMetadataList') }),
    )) as { items: unknown[] };
    const table = (await bodyOf(await ask('limit=1', { accept: accept('Table') }))) as {
      columnDefinitions: { name: string }[];
      rows: { cells: unknown[]; object: unknown }[];
    };

    const tagged = {
      name: 'a@m1',
      labels: { 'flotilla.io/cluster': 'm1' },
      annotations: {
        'resource.karmada.io/cached-from-cluster': 'm1',
        'flotilla.io/resource-version': '2',
      },
      resourceVersion: expect.stringMatching(/^\d{16}007$|^\d{19}$/) as string,
    };
    const type = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
    expect(whole.items[0]).toMatchObject({ metadata: tagged, spec: { nodeName: 'node-1@m1' } });
    expect(whole.items[0]).not.toHaveProperty('kind');
    expect(partial.items[0]).toMatchObject({ ...type, metadata: tagged });
    expect(partial.items[0]).not.toHaveProperty('spec');
    expect(table.columnDefinitions.map(({ name }) => name).slice(0, 2)).toEqual([
      'Name',
      'Cluster',
    ]);
    expect(table.rows[0]?.cells.slice(0, 2)).toEqual(['a@m1', 'm1']);
    expect(table.rows[0]?.object).toMatchObject({ ...type, metadata: tagged });
  });

  it('leaves names alone at Karmada’s path', async () => {
    const { ask } = openViews();

    const list = (await bodyOf(await ask('', { view: KARMADA_VIEW }))) as List;

    expect(names(list)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(list.items[3]).toMatchObject({
      metadata: { annotations: { 'resource.karmada.io/cached-from-cluster': 'm2' } },
    });
  });

  it('is written in YAML where that is wanted, numbers exact', async () => {
    const member = new ScriptedMember('m1');
    member.listsAs = `{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"namespace":"shop","name":"web","uid":"u","resourceVersion":"1"},"spec":{"no":"yes","big":12345678901234567891,"text":"a\\nb\\n"}}]}`;
    member.streamsLists = false;
    const { ask, close } = scriptedViews([member]);
    stop = close;

    const answer = await ask('', { accept: 'application/yaml' });
    const text = await textOf(answer);
    expect(answer.contentType).toBe('application/yaml');
    expect(text).toContain('apiVersion: v1\nitems:\n- metadata:\n');
    expect(text).toContain(
      '    big: 12345678901234567891\n    "no": "yes"\n    text: |\n      a\n      b\n',
    );
    expect(text).toMatch(/\nkind: PodList\nmetadata:\n {2}resourceVersion: "\d+"\n$/);
  });

  it('shows one object in YAML too', async () => {
    const { ask } = openViews();

    const one = await ask('', {
      accept: 'application/yaml',
      path: '/api/v1/namespaces/shop/pods/a@m1',
    });

    expect(await textOf(one)).toMatch(/^apiVersion: v1\nkind: Pod\nmetadata:\n {2}annotations:\n/);
  });
});
