import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ModelInformer, type SeenPod } from '../support/model-informer.ts';
import { ScriptedMember } from '../support/scripted-member.ts';
import { scriptedViews } from '../support/scripted-views.ts';

/** A small generator, so that a failing history can be run again by its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * below);
  };
}

const SEEDS = Array.from(
  { length: Number(process.env['MODEL_RUNS'] ?? 6) },
  (_, index) => index + 1,
);
const STEPS = 150;

const CLIENTS = [
  { streamsLists: true, pageSize: 0, selector: '' },
  { streamsLists: false, pageSize: 3, selector: '' },
  { streamsLists: false, pageSize: 500, selector: 'tier=web' },
  { streamsLists: true, pageSize: 0, selector: 'flotilla.io/cluster in (m1,m3),tier=web' },
];

function doSomething(members: readonly ScriptedMember[], random: (below: number) => number): void {
  const member = members[random(members.length)]!;
  const key = { namespace: `ns${random(2)}`, name: `web-${random(6)}` };
  const roll = random(100);
  if (roll < 60) member.put(key, random(1000), { tier: random(2) === 0 ? 'web' : 'db' });
  else if (roll < 80) member.delete(key);
  else if (roll < 86) member.cut(random(2) === 0);
  else if (roll < 89) member.die();
  else if (roll < 92) member.freeze();
  else if (roll < 94) {
    member.cut(false);
    member.compact();
  } else member.heal();
}

describe('lists and watches over random histories of many members', () => {
  it.each(SEEDS)('end in caches equal to the truth (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    const members = ['m1', 'm2', 'm3', 'm4'].map((name) => new ScriptedMember(name));
    members[1]!.streamsLists = false;
    for (let i = 0; i < 10; i += 1) doSomething(members, random);
    const { ask, close } = scriptedViews(members);
    const informers = CLIENTS.map((how) => new ModelInformer(ask, how));

    for (let step = 0; step < STEPS; step += 1) {
      doSomething(members, random);
      if (random(4) === 0) await sleep(random(20));
    }
    for (const member of members) member.heal();

    const expected = CLIENTS.map(({ selector }) => truthOf(members, selector));
    await expect
      .poll(() => informers.map(({ cache }) => shown(cache.values())), {
        timeout: 15_000,
        interval: 50,
      })
      .toEqual(expected);
    await Promise.all(informers.map(async (informer) => informer.close()));
    await close();
    expect(informers.flatMap(({ faults }) => faults)).toEqual([]);
  });
});

function truthOf(members: readonly ScriptedMember[], selector: string): string[] {
  return members
    .flatMap((member) =>
      member.truth
        .filter(({ labels }) => !selector.includes('tier=web') || labels['tier'] === 'web')
        .filter(
          () => !selector.includes('flotilla.io/cluster') || ['m1', 'm3'].includes(member.name),
        )
        .map(
          ({ namespace, name, uid, value }) =>
            `${namespace}/${name}@${member.name} ${uid} node-${value}@${member.name}`,
        ),
    )
    .sort();
}

function shown(pods: Iterable<SeenPod>): string[] {
  return [...pods]
    .map(
      ({ metadata, spec }) =>
        `${metadata.namespace}/${metadata.name} ${metadata.uid} ${spec.nodeName}`,
    )
    .sort();
}
