import { describe, expect, it } from 'vitest';
import { isNewerVersion, parseVersion, VersionClock } from '../../src/kube/index.ts';

function clockAt(times: number[], mark = 0n, replica = 7) {
  const marks: bigint[] = [];
  const now = (): number => (times.length > 1 ? times.shift() : times[0]) ?? 0;
  const highWaterMark = {
    read: () => marks.at(-1) ?? mark,
    write: (next: bigint) => marks.push(next),
  };
  return { clock: new VersionClock({ replica, now, highWaterMark }), marks };
}

describe('the clock of resourceVersions', () => {
  it('stamps microseconds and the replica: 19 digits that fit an int64', () => {
    const { clock } = clockAt([1_760_000_000_000]);

    expect(clock.next()).toBe(1_760_000_000_000_000_007n);
    expect(clock.next() < 2n ** 63n).toBe(true);
  });

  it.each([
    { title: 'stands still', times: [5, 5, 5] },
    { title: 'goes back', times: [5, 4, 1] },
    { title: 'jumps far back', times: [1_760_000_000_000, 0, 0] },
  ])('grows even if time $title', ({ times }) => {
    const { clock } = clockAt(times);

    const stamps = [clock.next(), clock.next(), clock.next()];

    expect(stamps[1]! > stamps[0]! && stamps[2]! > stamps[1]!).toBe(true);
    expect(clock.latest).toBe(stamps[2]);
  });

  it('goes on above everything it issued before a restart, though time went back', () => {
    const before = clockAt([1_760_000_000_000]);
    const last = Array.from({ length: 100 }, () => before.clock.next()).at(-1) ?? 0n;

    const after = clockAt([1_750_000_000_000], before.marks.at(-1));

    expect(after.clock.next() > last).toBe(true);
    expect(after.clock.latest > last).toBe(true);
  });

  it('makes its mark durable before a stamp reaches it, seldom', () => {
    const { clock, marks } = clockAt([1_000, 1_001, 2_000, 12_000, 12_001]);

    for (let i = 0; i < 5; i += 1) {
      const micros = clock.next() / 1000n;
      expect((marks.at(-1) ?? 0n) > micros).toBe(true);
    }
    expect(marks).toHaveLength(2);
  });

  it('knows its own versions by their last digits', () => {
    const { clock } = clockAt([5], 0n, 12);

    expect(clock.isOwn(clock.next())).toBe(true);
    expect(clock.isOwn(5_000_013n)).toBe(false);
  });

  it.each([
    { text: '0', is: 0n },
    { text: '12345678901234567890', is: 12345678901234567890n },
    { text: '', is: undefined },
    { text: '01', is: undefined },
    { text: '-1', is: undefined },
    { text: '1.0', is: undefined },
    { text: '9'.repeat(32), is: undefined },
  ])('"$text" is the version $is', ({ text, is }) => {
    expect(parseVersion(text)).toBe(is);
  });

  it.each([
    { candidate: '10', current: '9', is: true },
    { candidate: '9', current: '10', is: false },
    { candidate: '9', current: '9', is: false },
    { candidate: '9007199254740993', current: '9007199254740992', is: true },
    { candidate: 'b', current: 'a', is: true },
    { candidate: 'a', current: 'b', is: true },
    { candidate: 'a', current: 'a', is: false },
    { candidate: '5', current: '', is: true },
  ])('$candidate is newer than $current: $is', ({ candidate, current, is }) => {
    expect(isNewerVersion(candidate, current)).toBe(is);
  });
});
