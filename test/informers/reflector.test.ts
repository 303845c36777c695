import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KindInformer } from '../../src/informers/index.ts';
import { VersionClock } from '../../src/kube/index.ts';
import { ScriptedMember } from '../support/scripted-member.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const key = (name: string) => ({ namespace: 'shop', name });
const MODES = [{ streamsLists: true }, { streamsLists: false }];

const open: KindInformer[] = [];

function follow(...members: ScriptedMember[]): { pods: KindInformer; gone: string[] } {
  const gone: string[] = [];
  const highWaterMark = { read: () => 0n, write: () => undefined };
  const pods = new KindInformer({
    gvr: PODS,
    kind: 'Pod',
    clock: new VersionClock({ replica: 1, now: Date.now, highWaterMark }),
    log: pino({ level: 'silent' }),
    now: Date.now,
    sleep: async (ms, signal) => sleep(ms, undefined, { signal }),
    onGone: (cluster) => gone.push(cluster),
  });
  pods.setMembers(members);
  open.push(pods);
  return { pods, gone };
}

async function synced(pods: KindInformer): Promise<void> {
  await vi.waitFor(() => {
    for (const cluster of pods.clusters) expect(pods.freshness(cluster).state).toBe('fresh');
  });
}

const names = (pods: KindInformer): string[] =>
  [...pods.cache.snapshot().runs.values()].flatMap((run) => run.map(({ name }) => name));

describe('a member that is followed', () => {
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(open.splice(0).map(async (pods) => pods.close()));
  });

  it.each(MODES)('is read in full, then change by change: %o', async ({ streamsLists }) => {
    const member = new ScriptedMember('m1');
    member.streamsLists = streamsLists;
    for (let i = 0; i < 1_200; i += 1) member.put(key(`web-${i}`), i);
    const { pods } = follow(member);
    await synced(pods);
    expect(names(pods)).toHaveLength(1_200);

    member.put(key('late'), 1);
    member.delete(key('web-7'));

    await vi.waitFor(() => {
      expect(names(pods)).toContain('late');
      expect(names(pods)).not.toContain('web-7');
    });
  });

  it('gives list items the kind that they leave out', async () => {
    const member = new ScriptedMember('m1');
    member.streamsLists = false;
    member.listsAs = JSON.stringify({
      kind: 'PodList',
      metadata: { resourceVersion: '1' },
      items: [{ metadata: { namespace: 'shop', name: 'web', uid: 'u', resourceVersion: '1' } }],
    });
    const { pods } = follow(member);
    await synced(pods);

    const bytes = pods.cache.get('m1', 'shop/web')?.bytes.toString() ?? '';

    expect(bytes.startsWith('{"kind":"Pod","apiVersion":"v1","metadata":')).toBe(true);
  });

  it.each([401, 403, 404, 429, 500, 503])(
    'keeps its objects, named stale, while it answers %i, and heals by itself',
    async (code) => {
      const member = new ScriptedMember('m1');
      member.put(key('web'), 1);
      const { pods, gone } = follow(member);
      await synced(pods);

      member.refusesWith = code;
      member.cut(false);
      member.delete(key('web'));
      member.put(key('other'), 1);
      await vi.waitFor(
        () => {
          expect(pods.freshness('m1').state).toBe('stale');
        },
        { timeout: 3_000 },
      );
      expect(names(pods)).toEqual(['web']);
      expect(pods.freshness('m1').lastError).toContain(String(code));
      expect(gone.length > 0).toBe(code === 404);

      member.refusesWith = 200;
      await vi.waitFor(
        () => {
          expect(names(pods)).toEqual(['other']);
        },
        { timeout: 5_000 },
      );
      await synced(pods);
    },
  );

  it.each(['{}', '{"kind":"PodList","items":{}}', '[]', '{"items":[5]}'])(
    'keeps its objects when it lists nonsense: %s',
    async (nonsense) => {
      const member = new ScriptedMember('m1');
      member.streamsLists = false;
      member.put(key('web'), 1);
      const { pods } = follow(member);
      await synced(pods);

      member.listsAs = nonsense;
      member.put(key('web'), 2);
      member.compact();
      member.cut(false);
      await vi.waitFor(() => {
        expect(pods.freshness('m1').lastError).toBeDefined();
      });
      await sleep(300);

      expect(names(pods)).toEqual(['web']);
    },
  );

  it('is opened again with more and more time between when its streams end at once', async () => {
    const member = new ScriptedMember('m1');
    member.endsStreams = true;
    const { pods } = follow(member);

    await sleep(2_000);

    expect(pods.clusters).toEqual(['m1']);
    expect(member.requests).toBeGreaterThan(2);
    expect(member.requests).toBeLessThan(8);
  });

  it('is read by lists when it never says that its initial events are complete', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const member = new ScriptedMember('m1');
    member.forgetsBookmark = true;
    member.put(key('web'), 1);
    const { pods } = follow(member);

    await vi.advanceTimersByTimeAsync(4_900);
    const before = names(pods);
    await vi.advanceTimersByTimeAsync(200);
    vi.useRealTimers();
    await synced(pods);

    expect(before).toEqual([]);
    expect(names(pods)).toEqual(['web']);
  });

  describe.each(MODES)('and is replaced: %o', ({ streamsLists }) => {
    it.each([
      { title: 'by another cluster', uid: 'another' },
      { title: 'by an old backup of itself', uid: 'm1' },
    ])('$title starts over, though its versions are smaller', async ({ uid }) => {
      const member = new ScriptedMember('m1');
      member.streamsLists = streamsLists;
      for (let i = 0; i < 50; i += 1) member.put(key('web'), i);
      member.put(key('lost'), 1);
      const { pods } = follow(member);
      await synced(pods);

      member.replace(uid);
      member.put(key('web'), 99);
      member.keepsHistory = uid !== 'm1';

      await vi.waitFor(
        () => {
          expect(names(pods)).toEqual(['web']);
          expect(pods.cache.get('m1', 'shop/web')?.memberVersion).toBe('2');
        },
        { timeout: 5_000 },
      );
    });
  });

  it('is not asked any more when it has left, and its objects are gone', async () => {
    const members = [new ScriptedMember('m1'), new ScriptedMember('m2')];
    for (const member of members) member.put(key('web'), 1);
    const { pods } = follow(...members);
    await synced(pods);

    pods.setMembers([members[1]!]);
    const asked = members[0]!.requests;
    members[0]!.cut(false);
    await sleep(600);

    expect(pods.clusters).toEqual(['m2']);
    expect(pods.cache.clusters()).toEqual(['m2']);
    expect(members[0]!.requests).toBe(asked);
    expect(pods.freshness('m1').state).toBe('missing');
  });

  it('is waited for up to the deadline, but not when it is known to be down', async () => {
    const frozen = new ScriptedMember('frozen');
    const dead = new ScriptedMember('dead');
    const alive = new ScriptedMember('alive');
    frozen.freeze();
    dead.die();
    const { pods } = follow(frozen, dead, alive);
    const waitMs = async (clusters: string[]): Promise<number> => {
      const startMs = Date.now();
      await pods.waitForSync(clusters, 400, new AbortController().signal);
      return Date.now() - startMs;
    };

    expect(await waitMs(['alive', 'dead'])).toBeLessThan(300);
    expect(await waitMs(['alive', 'frozen'])).toBeLessThan(600);
    expect(pods.freshness('alive').state).toBe('fresh');
    expect(pods.freshness('frozen').state).toBe('missing');
  });
});
