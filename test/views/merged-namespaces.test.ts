import { describe, expect, it } from 'vitest';
import { KindCache } from '../../src/informers/index.ts';
import { VersionClock } from '../../src/kube/index.ts';
import { MergedNamespaces } from '../../src/views/merged-namespaces.ts';

interface Told {
  readonly version: number;
  readonly phase?: string;
  readonly note?: string;
}

function openCache() {
  const highWaterMark = { read: () => 0n, write: () => undefined };
  const clock = new VersionClock({ replica: 1, now: Date.now, highWaterMark });
  const cache = new KindCache({ group: '', version: 'v1', resource: 'namespaces' }, clock);
  const put = (cluster: string, { version, phase = 'Active', note = '' }: Told): void => {
    const metadata = {
      name: 'shop',
      uid: `uid-${cluster}`,
      resourceVersion: String(version),
      annotations: { note },
    };
    const namespace = { kind: 'Namespace', apiVersion: 'v1', metadata, status: { phase } };
    cache.ingest(cluster, Buffer.from(JSON.stringify(namespace)));
  };
  return { cache, put };
}

interface Shown {
  readonly metadata: { readonly uid: string; readonly annotations: Record<string, string> };
  readonly status: { readonly phase: string };
}

function shown(merged: MergedNamespaces): Shown[] {
  const [run = []] = merged.snapshot().runs.values();
  return run.map(({ bytes }) => JSON.parse(bytes.toString()) as Shown);
}

const clustersOf = ({ metadata }: Shown): string =>
  metadata.annotations['flotilla.io/clusters'] ?? '';

describe('namespaces of many members', () => {
  it('are one of each name, made of the first member by name that has it', () => {
    const { cache, put } = openCache();
    put('m2', { version: 1, note: 'of m2' });
    put('m1', { version: 1, note: 'of m1' });

    const [only, ...others] = shown(new MergedNamespaces(cache));

    expect(others).toEqual([]);
    expect(only?.metadata.annotations).toEqual({ note: 'of m1', 'flotilla.io/clusters': 'm1,m2' });
  });

  it('have a uid of their name alone', () => {
    const [first, second] = ['m1', 'm2'].map((cluster) => {
      const { cache, put } = openCache();
      put(cluster, { version: 1 });
      return shown(new MergedNamespaces(cache))[0];
    });

    expect(first?.metadata.uid).toBe(second?.metadata.uid);
    expect(first?.metadata.uid).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it.each([
    { phases: ['Active', 'Terminating'], is: 'Active' },
    { phases: ['Terminating', 'Active'], is: 'Active' },
    { phases: ['Terminating', 'Terminating'], is: 'Terminating' },
  ])('that are $phases are $is', ({ phases, is }) => {
    const { cache, put } = openCache();
    for (const [index, phase] of phases.entries()) put(`m${index}`, { version: 1, phase });

    expect(shown(new MergedNamespaces(cache))[0]?.status.phase).toBe(is);
  });

  it('change only where what is shown changes', () => {
    const { cache, put } = openCache();
    const merged = new MergedNamespaces(cache);
    const told: string[] = [];
    merged.onChange(({ type, object }) => {
      const text = JSON.parse(object.bytes.toString()) as Shown;
      told.push(`${type} ${clustersOf(text)} ${text.status.phase}`);
    });

    put('m2', { version: 1 });
    put('m1', { version: 1, phase: 'Terminating' });
    put('m2', { version: 2, note: 'not shown' });
    put('m3', { version: 1 });
    cache.removeMember('m3');
    cache.remove('m2', '/shop');
    cache.remove('m1', '/shop');

    expect(told).toEqual([
      'ADDED m2 Active',
      'MODIFIED m1,m2 Active',
      'MODIFIED m1,m2,m3 Active',
      'MODIFIED m1,m2 Active',
      'MODIFIED m1 Terminating',
      'DELETED m1 Terminating',
    ]);
    expect(shown(merged)).toEqual([]);
  });

  it('are shown as of any version in their history', () => {
    const { cache, put } = openCache();
    const merged = new MergedNamespaces(cache);
    put('m2', { version: 1 });
    const early = merged.latest;
    put('m1', { version: 1 });
    cache.remove('m2', '/shop');
    cache.remove('m1', '/shop');

    const [run = []] = merged.snapshotAt(early)?.runs.values() ?? [];

    expect(run.map(({ bytes }) => clustersOf(JSON.parse(bytes.toString()) as Shown))).toEqual([
      'm2',
    ]);
    expect(merged.changesSince(early)?.map(({ type }) => type)).toEqual([
      'MODIFIED',
      'MODIFIED',
      'DELETED',
    ]);
    expect(merged.snapshotAt(1n)).toBeUndefined();
  });

  it('of some members know nothing of the others', () => {
    const { cache, put } = openCache();
    const merged = new MergedNamespaces(cache, ['m2']);

    put('m1', { version: 1 });
    expect(shown(merged)).toEqual([]);
    put('m2', { version: 1 });

    expect(shown(merged).map(clustersOf)).toEqual(['m2']);
  });

  it('are followed for those who watch them, though nobody new asks', () => {
    const { cache, put } = openCache();
    const merged = new MergedNamespaces(cache);
    let told = 0;
    const stop = merged.onChange(() => (told += 1));

    merged.retire();
    put('m1', { version: 1 });
    expect(told).toBe(1);
    stop();
    put('m1', { version: 2, note: 'changed' });

    expect(shown(merged)[0]?.metadata.annotations['note']).toBe('');
  });
});
