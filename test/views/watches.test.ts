import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptedMember } from '../support/scripted-member.ts';
import { bodyOf, scriptedViews, type AskOptions } from '../support/scripted-views.ts';

interface Line {
  readonly type: string;
  readonly object: {
    readonly code?: number;
    readonly metadata: {
      readonly name?: string;
      readonly resourceVersion: string;
      readonly annotations?: Readonly<Record<string, string>>;
    };
  };
}

const key = (name: string) => ({ namespace: 'shop', name });
const INITIAL =
  'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=1';
const ends: (() => unknown)[] = [];

function openViews(...names: string[]) {
  const members = names.map((name) => new ScriptedMember(name));
  const { ask, close } = scriptedViews(members);
  ends.push(close);
  return { members, ask };
}

type Ask = ReturnType<typeof openViews>['ask'];

/** Follows a watch in the background; `lines` grows as it is told. */
async function watch(ask: Ask, query: string, options: AskOptions = {}) {
  const stop = new AbortController();
  ends.unshift(() => {
    stop.abort();
  });
  const answer = await ask(query, { ...options, signal: stop.signal });
  const lines: Line[] = [];
  const ended = (async () => {
    for await (const piece of answer.body) {
      for (const text of piece.toString().trimEnd().split('\n'))
        lines.push(JSON.parse(text) as Line);
    }
  })();
  const told = (): string[] =>
    lines.map(({ type, object }) =>
      type === 'ERROR' ? `ERROR ${object.code}` : [type, object.metadata.name].join(' ').trim(),
    );
  return { lines, told, ended, stop };
}

describe('a watch of many members', () => {
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  it('begins with all there is, says when that is complete, and goes on', async () => {
    const { ask, members } = openViews('m1', 'm2');
    members[0]!.put(key('a'), 1);

    const { told, lines } = await watch(ask, INITIAL);
    await expect.poll(told).toEqual(['ADDED a@m1', 'BOOKMARK']);
    expect(lines[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    members[1]!.put(key('b'), 1);
    members[0]!.delete(key('a'));

    await expect.poll(() => told().slice(2).sort()).toEqual(['ADDED b@m2', 'DELETED a@m1']);
    const versions = lines.map(({ object }) => BigInt(object.metadata.resourceVersion));
    expect(versions.slice(2).every((version) => version > versions[1]!)).toBe(true);
  });

  it('says that nothing is complete too, and waits for no frozen member beyond the deadline', async () => {
    const { ask, members } = openViews('m1', 'm2');
    members[1]!.freeze();
    const startMs = Date.now();

    const { told } = await watch(ask, INITIAL);
    await expect.poll(told).toEqual(['BOOKMARK']);

    expect(Date.now() - startMs).toBeLessThan(1_500);
    members[1]!.put(key('late'), 1);
    members[1]!.heal();
    await expect.poll(told).toEqual(['BOOKMARK', 'ADDED late@m2']);
  });

  it('tells those who select what comes into and goes out of their sight', async () => {
    const { ask, members } = openViews('m1');
    const [member] = members;
    member!.put(key('a'), 1, { tier: 'db' });

    const { told, lines } = await watch(ask, `${INITIAL}&labelSelector=tier=web`);
    await expect.poll(told).toEqual(['BOOKMARK']);
    member!.put(key('a'), 2, { tier: 'web' });
    member!.put(key('a'), 3, { tier: 'web' });
    member!.put(key('a'), 4, { tier: 'db' });
    member!.delete(key('a'));

    await expect.poll(told).toEqual(['BOOKMARK', 'ADDED a@m1', 'MODIFIED a@m1', 'DELETED a@m1']);
    const [, , before, gone] = lines.map(({ object }) => BigInt(object.metadata.resourceVersion));
    expect(gone! > before!).toBe(true);
    expect(lines[3]?.object).toMatchObject({
      metadata: { labels: { tier: 'web' } },
      spec: { nodeName: 'node-3@m1' },
    });
  });

  it.each([
    { query: 'fieldSelector=metadata.name=a@m2', are: ['ADDED a@m2'] },
    { query: 'labelSelector=flotilla.io/cluster=m1', are: ['ADDED a@m1'] },
    { query: 'fieldSelector=metadata.name=a', are: ['ADDED a@m1', 'ADDED a@m2'] },
  ])('with "$query" tells of $are', async ({ query, are }) => {
    const { ask, members } = openViews('m1', 'm2');
    for (const member of members) member.put(key('a'), 1);

    const { told } = await watch(ask, `watch=1&${query}`);

    await expect.poll(told).toEqual(are);
  });

  it('goes on exactly where a list or an event was, though members flapped since', async () => {
    const { ask, members } = openViews('m1', 'm2');
    members[0]!.put(key('a'), 1);
    const { metadata } = (await bodyOf(await ask(''))) as Line['object'];

    members[0]!.put(key('b'), 1);
    members[1]!.die();
    members[1]!.put(key('c'), 1);
    members[1]!.heal();
    const { told, lines } = await watch(ask, `watch=1&resourceVersion=${metadata.resourceVersion}`);
    await expect.poll(() => told().toSorted()).toEqual(['ADDED b@m1', 'ADDED c@m2']);
    const again = await watch(
      ask,
      `watch=1&resourceVersion=${lines[0]!.object.metadata.resourceVersion}`,
    );

    await expect.poll(again.told).toEqual(told().slice(1));
  });

  it.each([
    { title: 'before our start', version: '5007', code: 410 },
    { title: 'of another replica', version: '5013', code: 410 },
    { title: 'of the future', version: '9000000000000000007', code: 504 },
  ])('from a version $title ends with an ERROR of $code', async ({ version, code }) => {
    const { ask } = openViews('m1');

    const { told, ended } = await watch(ask, `watch=1&resourceVersion=${version}`);
    await ended;

    expect(told()).toEqual([`ERROR ${code}`]);
  });

  it('ends in good order at its timeout, with a bookmark for those who want one', async () => {
    const { ask, members } = openViews('m1');
    members[0]!.put(key('a'), 1);
    const plain = await watch(ask, 'watch=1&timeoutSeconds=1');
    const marked = await watch(ask, 'watch=1&timeoutSeconds=1&allowWatchBookmarks=1');

    await Promise.all([plain.ended, marked.ended]);

    expect(plain.told()).toEqual(['ADDED a@m1']);
    expect(marked.told()).toEqual(['ADDED a@m1', 'BOOKMARK', 'BOOKMARK']);
    const [, , last] = marked.lines;
    const resumed = await watch(
      ask,
      `watch=1&resourceVersion=${last!.object.metadata.resourceVersion}`,
    );
    members[0]!.put(key('b'), 1);
    await expect.poll(resumed.told).toEqual(['ADDED b@m1']);
  });

  it('ends when its client is gone', async () => {
    const { ask } = openViews('m1');
    const { ended, stop } = await watch(ask, INITIAL);

    stop.abort();

    await ended;
  });

  it('of a slow reader falls behind until its history is gone, and delays nobody', async () => {
    const { ask, members } = openViews('m1');
    members[0]!.put(key('a'), 0);
    const slow = (await ask('watch=1')).body as AsyncIterable<Buffer>;
    const reader = slow[Symbol.asyncIterator]();
    await reader.next();
    const fast = await watch(ask, 'watch=1&resourceVersion=0');
    const startMs = Date.now();

    for (let batch = 0; batch < 25; batch += 1) {
      for (let i = 0; i < 1_000; i += 1) members[0]!.put(key('a'), batch * 1_000 + i);
      await sleep(1);
    }
    await expect.poll(() => fast.lines.length, { timeout: 15_000 }).toBe(25_001);
    expect(Date.now() - startMs).toBeLessThan(15_000);
    const rest: string[] = [];
    for (let next = await reader.next(); !next.done; next = await reader.next())
      rest.push(next.value.toString());

    expect(rest).toHaveLength(1);
    expect(JSON.parse(rest[0]!)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });

  it('as a table tells its columns once', async () => {
    const { ask, members } = openViews('m1');
    members[0]!.put(key('a'), 1);
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';

    const { lines } = await watch(ask, 'watch=1', { accept });
    await expect.poll(() => lines.length).toBe(1);
    members[0]!.put(key('b'), 1);
    await expect.poll(() => lines.length).toBe(2);

    const tables = lines as unknown as {
      object: { columnDefinitions: unknown[] | null; rows: { cells: unknown[] }[] };
    }[];
    const [first, second] = tables.map(({ object }) => object);
    expect(first?.columnDefinitions?.length).toBe(first?.rows[0]?.cells.length);
    expect(second?.columnDefinitions).toBeNull();
    expect(second?.rows[0]?.cells.slice(0, 2)).toEqual(['b@m1', 'm1']);
  });
});
