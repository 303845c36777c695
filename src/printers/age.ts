/** A value that changes with the clock: `before` + how long ago `since` was + `after`. */
export interface Elapsed {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly before: string;
  readonly after: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

interface Scale {
  /** Durations below this many seconds use this scale. */
  readonly below: number;
  readonly seconds: number;
  readonly unit: string;
  /** The second figure, left out when it is 0. */
  readonly rest?: { readonly seconds: number; readonly unit: string };
}

/** Two to three significant figures at any length, as Kubernetes prints durations for people. */
const SCALES: readonly Scale[] = [
  { below: 2 * MINUTE, seconds: 1, unit: 's' },
  { below: 10 * MINUTE, seconds: MINUTE, unit: 'm', rest: { seconds: 1, unit: 's' } },
  { below: 3 * HOUR, seconds: MINUTE, unit: 'm' },
  { below: 8 * HOUR, seconds: HOUR, unit: 'h', rest: { seconds: MINUTE, unit: 'm' } },
  { below: 2 * DAY, seconds: HOUR, unit: 'h' },
  { below: 8 * DAY, seconds: DAY, unit: 'd', rest: { seconds: HOUR, unit: 'h' } },
  { below: 2 * YEAR, seconds: DAY, unit: 'd' },
  { below: 8 * YEAR, seconds: YEAR, unit: 'y', rest: { seconds: DAY, unit: 'd' } },
  { below: Infinity, seconds: YEAR, unit: 'y' },
];

/** The longest duration that a server can hold (int64 nanoseconds): 292 years. */
const LONGEST_SECONDS = 9_223_372_036;

/**
 * A duration as kube-apiserver prints it: `59s`, `5m30s`, `7h`, `3d4h`, `292y`. A clock that is less
 * than 2 s behind gives `0s`; one that is further behind gives `<invalid>`.
 */
export function humanDuration(ms: number): string {
  const seconds = Math.min(Math.trunc(ms / 1000), LONGEST_SECONDS);
  if (seconds < -1) return '<invalid>';
  if (seconds <= 0) return '0s';

  const scale = SCALES.find(({ below }) => seconds < below);
  if (!scale) return '<invalid>';
  const whole = `${Math.floor(seconds / scale.seconds)}${scale.unit}`;
  const rest = scale.rest ? Math.floor((seconds % scale.seconds) / scale.rest.seconds) : 0;
  return scale.rest && rest > 0 ? `${whole}${rest}${scale.rest.unit}` : whole;
}

const RFC3339 =
  /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:Z|[+-]\d\d:[0-5]\d)$/;

/** The instant that stands for "no time" in the API. */
const ZERO_TIME = Date.parse('0001-01-01T00:00:00Z');

/**
 * An RFC 3339 timestamp in milliseconds since the epoch; `undefined` when there is none (absent,
 * null, empty or the zero time); NaN when it is not a timestamp.
 */
export function parseTimestamp(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  if (!RFC3339.test(text) || !isInCalendar(text)) return NaN;
  const ms = Date.parse(text.includes(',') ? text.replace(',', '.') : text);
  return ms === ZERO_TIME ? undefined : ms;
}

/** Date.parse turns 30 February into 2 March; a server calls it no date. */
function isInCalendar(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return day <= 28 || new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
}

/** How long ago a timestamp was; `<unknown>` when there is none. */
export function elapsedSince(
  timestamp: string | null | undefined,
  around: { readonly before?: string; readonly after?: string } = {},
): Elapsed | string {
  const since = parseTimestamp(timestamp);
  if (since === undefined) return '<unknown>';
  return { since, before: around.before ?? '', after: around.after ?? '' };
}

/** The text of an elapsed time at `now` (milliseconds since the epoch). */
export function renderElapsed(elapsed: Elapsed, now: number): string {
  return elapsed.before + humanDuration(now - elapsed.since) + elapsed.after;
}
