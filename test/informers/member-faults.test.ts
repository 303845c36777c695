import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Informers, type KindInformer } from '../../src/informers/index.ts';
import { VersionClock } from '../../src/kube/index.ts';
import { ScriptedMember } from '../support/scripted-member.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const WEB = { namespace: 'shop', name: 'web' };

function follow(
  member: ScriptedMember,
  now: () => number = Date.now,
): { informers: Informers; pods: KindInformer } {
  const highWaterMark = { read: () => 0n, write: () => undefined };
  const informers = new Informers({
    clock: new VersionClock({ replica: 1, now: Date.now, highWaterMark }),
    log: pino({ level: 'silent' }),
    now,
    sleep: async (ms, signal) => sleep(ms, undefined, { signal }),
    membersOf: () => [member],
    onGone: () => undefined,
  });
  return { informers, pods: informers.open(PODS, 'Pod') };
}

describe('a member followed through its faults', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('opens a stream anew that is silent for longer than bookmarks would be apart', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const member = new ScriptedMember('m1');
    member.put(WEB, 1);
    const { informers, pods } = follow(member);
    await vi.waitFor(() => {
      expect(pods.freshness('m1').state).toBe('fresh');
    });
    member.forgetStreams();
    member.put(WEB, 2);

    await vi.advanceTimersByTimeAsync(149_000);
    const before = pods.cache.get('m1', 'shop/web')?.memberVersion;
    await vi.advanceTimersByTimeAsync(2_000);
    vi.useRealTimers();

    expect(before).toBe('2');
    await vi.waitFor(() => {
      expect(pods.cache.get('m1', 'shop/web')?.memberVersion).toBe('3');
    });
    await informers.close();
  });

  it('does not read a member in full again and again that never has any history', async () => {
    const member = new ScriptedMember('m1');
    member.streamsLists = false;
    member.keepsHistory = false;
    member.put(WEB, 1);
    const { informers, pods } = follow(member);

    await sleep(1_500);

    expect(pods.cache.get('m1', 'shop/web')).toBeDefined();
    expect(member.requests).toBeLessThan(14);
    await informers.close();
  });

  it.each([{ streamsLists: true }, { streamsLists: false }])(
    'makes changes of true differences only when history is gone: %o',
    async ({ streamsLists }) => {
      const member = new ScriptedMember('m1');
      member.streamsLists = streamsLists;
      for (const name of ['kept', 'changed', 'deleted', 'replaced'])
        member.put({ ...WEB, name }, 1);
      const { informers, pods } = follow(member);
      await pods.waitForSync(['m1'], 1_000, new AbortController().signal);
      const start = pods.cache.latest;
      member.die();
      member.put({ ...WEB, name: 'changed' }, 2);
      member.delete({ ...WEB, name: 'deleted' });
      member.delete({ ...WEB, name: 'replaced' });
      member.put({ ...WEB, name: 'replaced' }, 2);
      member.put({ ...WEB, name: 'added' }, 1);
      member.compact();

      member.heal();

      await vi.waitFor(
        () => {
          const changes = pods.cache.changesSince(start) ?? [];
          expect(changes.map(({ type, object }) => `${type} ${object.name}`).sort()).toEqual([
            'ADDED added',
            'ADDED replaced',
            'DELETED deleted',
            'DELETED replaced',
            'MODIFIED changed',
          ]);
        },
        { timeout: 5_000 },
      );
      await informers.close();
    },
  );

  it('drops an idle kind, but not one of which a member is stale or a watch is held', async () => {
    const member = new ScriptedMember('m1');
    member.put(WEB, 1);
    let nowMs = Date.now();
    const { informers, pods } = follow(member, () => nowMs);
    await pods.waitForSync(['m1'], 1_000, new AbortController().signal);
    const isKept = (): boolean => informers.list().includes(pods);

    const release = pods.hold();
    nowMs += 11 * 60_000;
    informers.dropIdle();
    expect(isKept()).toBe(true);
    release();
    nowMs += 9 * 60_000;
    informers.dropIdle();
    expect(isKept()).toBe(true);
    member.die();
    nowMs += 2 * 60_000;
    informers.dropIdle();
    expect(isKept()).toBe(true);
    member.heal();
    await vi.waitFor(() => {
      expect(pods.freshness('m1').state).toBe('fresh');
    });
    informers.dropIdle();

    expect(isKept()).toBe(false);
    await informers.close();
  });
});
