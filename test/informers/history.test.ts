import { describe, expect, it } from 'vitest';
import { History, type Change, type StoredObject } from '../../src/informers/index.ts';

const change = (version: number): Change => ({
  type: 'ADDED',
  version: BigInt(version),
  object: { version: BigInt(version) } as StoredObject,
  previous: undefined,
});

describe('the history of a kind', () => {
  it('tells the changes after a version, oldest first', () => {
    const history = new History(10n, 100);
    for (const version of [11, 15, 20]) history.record(change(version));
    const since = (version: bigint) => history.since(version)?.map((each) => Number(each.version));

    expect(since(10n)).toEqual([11, 15, 20]);
    expect(since(11n)).toEqual([15, 20]);
    expect(since(13n)).toEqual([15, 20]);
    expect(since(20n)).toEqual([]);
    expect(since(99n)).toEqual([]);
    expect(history.latest).toBe(20n);
  });

  it('knows nothing of what was before its start', () => {
    const history = new History(10n, 100);

    expect(history.latest).toBe(10n);
    expect(history.since(9n)).toBeUndefined();
    expect(history.since(10n)).toEqual([]);
  });

  it('keeps at least as many changes as it should, and says so when older ones are asked for', () => {
    const history = new History(0n, 5);
    for (let version = 1; version <= 1_000; version += 1) {
      history.record(change(version));
      const kept = Math.min(version, 5);
      expect(history.since(BigInt(version - kept))).toHaveLength(kept);
    }

    expect(history.since(980n)).toBeUndefined();
  });
});
