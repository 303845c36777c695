import { describe, expect, it } from 'vitest';
import { KindCache, type Change } from '../../src/informers/index.ts';
import { VersionClock } from '../../src/kube/index.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const WEB = 'shop/web';

interface Told {
  readonly name?: string;
  readonly uid?: string;
  readonly version: number;
  readonly labels?: Readonly<Record<string, string>>;
}

function pod({ name = 'web', uid = 'u1', version, labels = {} }: Told): Buffer {
  const metadata = { namespace: 'shop', name, uid, resourceVersion: String(version), labels };
  return Buffer.from(JSON.stringify({ kind: 'Pod', apiVersion: 'v1', metadata }));
}

function openCache(): { cache: KindCache; changes: string[]; full: Change[] } {
  const highWaterMark = { read: () => 0n, write: () => undefined };
  const cache = new KindCache(PODS, new VersionClock({ replica: 1, now: Date.now, highWaterMark }));
  const changes: string[] = [];
  const full: Change[] = [];
  cache.onChange((change) => {
    const { cluster, name, uid, memberVersion } = change.object;
    changes.push(`${change.type} ${name}@${cluster} ${uid} ${memberVersion}`);
    full.push(change);
  });
  return { cache, changes, full };
}

describe('the cache of a kind', () => {
  it('makes a change of every true difference, each with a greater stamp', () => {
    const { cache, changes, full } = openCache();

    cache.ingest('m1', pod({ version: 5 }), { teller: 'stream' });
    cache.ingest('m2', pod({ version: 3, uid: 'u2' }), { teller: 'stream' });
    cache.ingest('m1', pod({ version: 6 }), { teller: 'stream' });
    cache.remove('m1', WEB);

    expect(changes).toEqual([
      'ADDED web@m1 u1 5',
      'ADDED web@m2 u2 3',
      'MODIFIED web@m1 u1 6',
      'DELETED web@m1 u1 6',
    ]);
    const versions = full.map(({ version }) => version);
    expect(versions).toEqual([...versions].sort());
    expect(new Set(versions).size).toBe(4);
    expect(full[3]?.object.version).toBe(versions[3]);
    expect(cache.latest).toBe(versions[3]);
  });

  it('takes the greater version of a member, whoever tells it first', () => {
    const { cache, changes } = openCache();

    cache.ingest('m1', pod({ version: 6 }), { teller: 'reply' });
    cache.ingest('m1', pod({ version: 5 }), { teller: 'stream' });
    const held = cache.ingest('m1', pod({ version: 6 }), { teller: 'stream' });

    expect(changes).toEqual(['ADDED web@m1 u1 6']);
    expect(held?.memberVersion).toBe('6');
  });

  it('tells that a replaced object was deleted before the new one is there', () => {
    const { cache, changes } = openCache();
    cache.ingest('m1', pod({ version: 5 }));

    cache.ingest('m1', pod({ uid: 'u2', version: 9 }));

    expect(changes).toEqual(['ADDED web@m1 u1 5', 'DELETED web@m1 u1 5', 'ADDED web@m1 u2 9']);
  });

  it('does not let a late reply bring back what the stream has deleted', () => {
    const { cache, changes } = openCache();
    cache.ingest('m1', pod({ version: 5 }));
    cache.remove('m1', WEB);

    const held = cache.ingest('m1', pod({ version: 6 }), { teller: 'reply' });

    expect(held).toBeUndefined();
    expect(changes).toHaveLength(2);
  });

  it('does not let a late stream bring back what a reply has deleted', () => {
    const { cache, changes } = openCache();
    cache.ingest('m1', pod({ version: 5 }));
    cache.removeDeleted('m1', WEB, 'u1');

    cache.ingest('m1', pod({ version: 6 }), { teller: 'stream' });

    expect(cache.get('m1', WEB)).toBeUndefined();
    expect(changes).toHaveLength(2);
  });

  it('does not delete an object of the same name when a reply tells of the old one', () => {
    const { cache } = openCache();
    cache.ingest('m1', pod({ uid: 'u2', version: 9 }));

    cache.removeDeleted('m1', WEB, 'u1');

    expect(cache.get('m1', WEB)?.uid).toBe('u2');
  });

  it('does not delete an object of the same name when the stream tells late of the old one', () => {
    const { cache } = openCache();
    cache.ingest('m1', pod({ uid: 'u2', version: 9 }));
    const bytes = pod({ version: 8 });
    const facts = {
      kind: 'Pod',
      apiVersion: 'v1',
      namespace: 'shop',
      name: 'web',
      uid: 'u1',
      resourceVersion: '8',
      labels: {},
      creationTimestamp: '',
    };

    cache.remove('m1', WEB, { bytes, facts });

    expect(cache.get('m1', WEB)?.uid).toBe('u2');
  });

  it('ends a full read: what it did not hold is gone, but for what came after it', () => {
    const { cache } = openCache();
    for (const [name, version] of [
      ['seen', 1],
      ['gone', 2],
      ['later', 20],
    ] as const)
      cache.ingest('m1', pod({ name, uid: name, version }));
    cache.ingest('m2', pod({ name: 'other', uid: 'other', version: 1 }));

    cache.removeUnseen('m1', new Set(['shop/seen']), '10');

    expect(cache.get('m1', 'shop/seen')).toBeDefined();
    expect(cache.get('m1', 'shop/gone')).toBeUndefined();
    expect(cache.get('m1', 'shop/later')).toBeDefined();
    expect(cache.get('m2', 'shop/other')).toBeDefined();
  });

  it('forgets a member that left: its objects are deleted as events', () => {
    const { cache, changes } = openCache();
    cache.ingest('m1', pod({ version: 5 }));
    cache.ingest('m2', pod({ uid: 'u2', version: 5 }));

    cache.removeMember('m1');

    expect(changes.at(-1)).toBe('DELETED web@m1 u1 5');
    expect(cache.clusters()).toEqual(['m2']);
    expect(cache.size('m1')).toEqual({ objects: 0, bytes: 0 });
  });

  it('counts objects and bytes as they come, change and go', () => {
    const { cache } = openCache();
    const small = pod({ version: 5 });
    const large = pod({ version: 6, labels: { app: 'web' } });

    cache.ingest('m1', small);
    expect(cache.size('m1')).toEqual({ objects: 1, bytes: small.length });
    cache.ingest('m1', large);
    expect(cache.size('m1')).toEqual({ objects: 1, bytes: large.length });
    cache.remove('m1', WEB);
    expect(cache.size('m1')).toEqual({ objects: 0, bytes: 0 });
  });

  it('does not keep the buffer that an object was cut from', () => {
    const { cache } = openCache();
    const bytes = pod({ version: 5 });
    const chunk = Buffer.concat([bytes, Buffer.alloc(100_000)]);

    const held = cache.ingest('m1', chunk.subarray(0, bytes.length));

    expect(held?.bytes.buffer.byteLength).toBe(bytes.length);
  });

  it('shows every object as of any version in its history, clusters and names in order', () => {
    const { cache } = openCache();
    const shown: { version: bigint; is: string[] }[] = [];
    const show = (version: bigint): string[] =>
      [...(cache.snapshotAt(version)?.runs ?? [])].flatMap(([cluster, run]) =>
        run.map(({ name, memberVersion }) => `${name}@${cluster} ${memberVersion}`),
      );
    const steps: (() => unknown)[] = [
      () => cache.ingest('m2', pod({ name: 'b', uid: 'b', version: 1 })),
      () => cache.ingest('m2', pod({ name: 'a', uid: 'a', version: 2 })),
      () => cache.ingest('m1', pod({ name: 'c', uid: 'c', version: 1 })),
      () => cache.ingest('m2', pod({ name: 'b', uid: 'b', version: 3 })),
      () => cache.ingest('m2', pod({ name: 'a', uid: 'a2', version: 4 })),
      () => {
        cache.removeMember('m1');
      },
      () => {
        cache.remove('m2', 'shop/b');
      },
    ];
    for (const step of steps) {
      step();
      shown.push({ version: cache.latest, is: show(cache.latest) });
    }

    expect(shown.map(({ version }) => show(version))).toEqual(shown.map(({ is }) => is));
    expect(shown[3]?.is).toEqual(['c@m1 1', 'a@m2 2', 'b@m2 3']);
    expect(shown.at(-1)?.is).toEqual(['a@m2 4']);
    expect(cache.snapshotAt(1n)).toBeUndefined();
  });
});
