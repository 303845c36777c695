import { afterEach, describe, expect, it } from 'vitest';
import { ScriptedMember } from '../support/scripted-member.ts';
import { bodyOf, scriptedViews } from '../support/scripted-views.ts';

interface Namespace {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

const NAMESPACES = '/api/v1/namespaces';
const CLUSTERS = 'flotilla.io/clusters';
let stop: (() => Promise<void>) | undefined;

function openViews(names: readonly string[] = ['m1', 'm2']) {
  const members = names.map((name) => new ScriptedMember(name));
  for (const member of members) member.put({ namespace: '', name: 'shop' }, 1);
  const { ask, close } = scriptedViews(members);
  stop = close;
  const list = async (query: string): Promise<readonly Namespace[]> =>
    ((await bodyOf(await ask(query, { path: NAMESPACES }))) as { items: Namespace[] }).items;
  return { members, ask, list };
}

describe('namespaces of a view', () => {
  afterEach(async () => stop?.());

  it.each([
    { query: '', are: ['shop in m1,m2'] },
    { query: 'fieldSelector=metadata.name=shop', are: ['shop in m1,m2'] },
    { query: 'labelSelector=flotilla.io/cluster=m2', are: ['shop in m2'] },
    { query: 'labelSelector=flotilla.io/cluster', are: ['shop in m1,m2'] },
    { query: 'fieldSelector=metadata.name=shop@m2', are: ['shop@m2 in undefined'] },
  ])('with "$query" are $are', async ({ query, are }) => {
    const { list } = openViews();

    const items = await list(query);

    expect(
      items.map(({ metadata }) => `${metadata.name} in ${metadata.annotations[CLUSTERS]}`),
    ).toEqual(are);
  });

  it('that are asked for by a qualified name are the member’s own, in a watch too', async () => {
    const { ask, list, members } = openViews();
    const [own] = await list('fieldSelector=metadata.name=shop@m2');

    const { body } = await ask('watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dshop@m2', {
      path: NAMESPACES,
    });
    const lines: string[] = [];
    for await (const piece of body) {
      lines.push(...piece.toString().trimEnd().split('\n'));
      members[1]!.delete({ namespace: '', name: 'shop' });
    }

    const events = lines.map((line) => JSON.parse(line) as { type: string; object: Namespace });
    expect(own?.metadata.uid).toBe('m2-1');
    expect(
      events.map(({ type, object: { metadata } }) => [type, metadata.name, metadata.uid]),
    ).toEqual([
      ['ADDED', 'shop@m2', 'm2-1'],
      ['DELETED', 'shop@m2', 'm2-1'],
    ]);
  });

  it('are told of to each watch of many different selections', async () => {
    const names = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'];
    const { ask, members } = openViews(names);
    const stopAll = new AbortController();
    const selections = Array.from({ length: 2 ** names.length - 1 }, (_, mask) => {
      const some = names.filter((_name, bit) => ((mask + 1) >> bit) % 2 === 1);
      return `flotilla.io/cluster in (${some.join(',')})`;
    });
    const told = selections.map(() => 0);
    const watches = selections.map(async (labelSelector, index) => {
      const query = new URLSearchParams({ watch: '1', labelSelector }).toString();
      const { body } = await ask(query, { path: NAMESPACES, signal: stopAll.signal });
      for await (const piece of body) told[index]! += piece.toString().split('\n').length - 1;
    });
    await expect.poll(() => told.every((count) => count > 0)).toBe(true);

    const before = [...told];
    for (const member of members) member.put({ namespace: '', name: 'new' }, 1);

    await expect.poll(() => told.every((count, index) => count > before[index]!)).toBe(true);
    stopAll.abort();
    await Promise.all(watches);
  });

  it('of a dead member are shown with its name among those that are stale', async () => {
    const { ask, list, members } = openViews();
    await list('');
    members[1]!.die();

    const answer = await ask('', { path: `${NAMESPACES}/shop` });

    expect(answer.freshness?.find(({ cluster }) => cluster === 'm2')?.state).toBe('stale');
    expect(await bodyOf(answer)).toMatchObject({
      metadata: { annotations: { [CLUSTERS]: 'm1,m2' } },
    });
  });
});
