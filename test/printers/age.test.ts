import { describe, expect, it } from 'vitest';

import { elapsedSince, parseTimestamp, renderElapsed } from '../../src/printers/age.ts';
import { humanDuration } from '../../src/printers/index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe('a duration for people', () => {
  it.each([
    { ms: -2 * SECOND, want: '<invalid>' },
    { ms: -1999, want: '0s' },
    { ms: 0, want: '0s' },
    { ms: 999, want: '0s' },
    { ms: 119_999, want: '119s' },
    { ms: 2 * MINUTE, want: '2m' },
    { ms: 2 * MINUTE + SECOND, want: '2m1s' },
    { ms: 10 * MINUTE - 1, want: '9m59s' },
    { ms: 10 * MINUTE + 59 * SECOND, want: '10m' },
    { ms: 3 * HOUR - 1, want: '179m' },
    { ms: 3 * HOUR, want: '3h' },
    { ms: 8 * HOUR - 1, want: '7h59m' },
    { ms: 8 * HOUR + 30 * MINUTE, want: '8h' },
    { ms: 2 * DAY - 1, want: '47h' },
    { ms: 2 * DAY, want: '2d' },
    { ms: 8 * DAY - 1, want: '7d23h' },
    { ms: 8 * DAY, want: '8d' },
    { ms: 2 * YEAR - 1, want: '729d' },
    { ms: 2 * YEAR, want: '2y' },
    { ms: 8 * YEAR - 1, want: '7y364d' },
    { ms: 8 * YEAR, want: '8y' },
    { ms: 5000 * YEAR, want: '292y' },
  ])('$ms ms is $want', ({ ms, want }) => {
    expect(humanDuration(ms)).toBe(want);
  });
});

describe('a timestamp', () => {
  it.each([
    { text: '2026-01-02T03:04:05Z', want: Date.UTC(2026, 0, 2, 3, 4, 5) },
    { text: '2026-01-02T03:04:05.678901Z', want: Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
    { text: '2026-01-02T03:04:05,5Z', want: Date.UTC(2026, 0, 2, 3, 4, 5, 500) },
    { text: '2026-01-02T03:04:05+05:30', want: Date.UTC(2026, 0, 1, 21, 34, 5) },
    { text: '2024-02-29T00:00:00Z', want: Date.UTC(2024, 1, 29) },
    { text: '2023-02-29T00:00:00Z', want: NaN },
    { text: '2026-13-01T00:00:00Z', want: NaN },
    { text: '2026-01-01T24:00:00Z', want: NaN },
    { text: '2026-01-01T00:00:00', want: NaN },
    { text: '2026-01-01', want: NaN },
    { text: '2026-01-01t00:00:00z', want: NaN },
    { text: '0001-01-01T00:00:00Z', want: undefined },
    { text: '', want: undefined },
    { text: null, want: undefined },
    { text: undefined, want: undefined },
  ])('$text is read as $want', ({ text, want }) => {
    expect(parseTimestamp(text)).toBe(want);
  });

  it('that is missing gives an unknown age', () => {
    expect(elapsedSince(null)).toBe('<unknown>');
  });

  it('gives an age that can be rendered at any time', () => {
    const elapsed = elapsedSince('2026-01-01T00:00:00Z', { before: '3 (', after: ' ago)' });

    expect(elapsed).toEqual({ since: Date.UTC(2026, 0, 1), before: '3 (', after: ' ago)' });
    expect(renderElapsed(elapsed as never, Date.UTC(2026, 0, 1, 5))).toBe('3 (5h ago)');
  });
});
