import { elapsedSince, parseTimestamp, type Elapsed } from './age.ts';
import { filled } from './filled.ts';
import { kind, type Kind, type Kinds } from './kind.ts';
import { column, nameOf, timed, wide, type Column, type KubernetesObject } from './printer.ts';

interface Reference {
  readonly kind?: string;
  readonly name?: string;
  readonly fieldPath?: string;
}

interface Source {
  readonly component?: string;
  readonly host?: string;
}

/** An Event of either group: `events.k8s.io` has other names for the same fields. */
interface Event extends KubernetesObject {
  readonly type?: string;
  readonly reason?: string;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string | null };
  readonly reportingInstance?: string;

  readonly involvedObject?: Reference;
  readonly regarding?: Reference;
  readonly message?: string;
  readonly note?: string;
  readonly source?: Source;
  readonly deprecatedSource?: Source;
  readonly firstTimestamp?: string | null;
  readonly deprecatedFirstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly count?: number;
  readonly deprecatedCount?: number;
  readonly reportingComponent?: string;
  readonly reportingController?: string;
}

const events: Kind = kind<Event>(() => [
  timed('Last Seen', lastSeen),
  column('Type', ({ type }) => type ?? ''),
  column('Reason', ({ reason }) => reason ?? ''),
  column('Object', (event) => {
    const { kind = '', name } = subject(event);
    return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
  }),
  ...wide<Event>(
    column('Subobject', (event) => subject(event).fieldPath ?? ''),
    column('Source', source),
  ),
  column('Message', ({ message, note }) => trimSpace(message ?? note ?? '')),
  ...wide<Event>(timed('First Seen', firstSeen), column('Count', count), eventName()),
]);

/** Events, of both groups. */
export const eventKinds: Kinds = { events, 'events.events.k8s.io': events };

function eventName(): Column<Event> {
  return { ...column('Name', nameOf), format: 'name' };
}

function subject({ involvedObject, regarding }: Event): Reference {
  return involvedObject ?? regarding ?? {};
}

function firstSeen(event: Event): string | Elapsed {
  const first = event.firstTimestamp ?? event.deprecatedFirstTimestamp;
  return elapsedSince(parseTimestamp(first) === undefined ? event.eventTime : first);
}

function lastSeen(event: Event): string | Elapsed {
  if (event.series) return elapsedSince(event.series.lastObservedTime);
  const last = event.lastTimestamp ?? event.deprecatedLastTimestamp;
  return parseTimestamp(last) === undefined ? firstSeen(event) : elapsedSince(last);
}

/** An event that was seen once may carry no count. */
function count({ series, count: plain, deprecatedCount }: Event): number {
  if (series) return series.count ?? 0;
  const once = plain ?? deprecatedCount ?? 0;
  return once === 0 ? 1 : once;
}

function source(event: Event): string {
  const { component, host } = event.source ?? event.deprecatedSource ?? {};
  const reporter = filled(component, event.reportingComponent, event.reportingController);
  const instance = filled(host, event.reportingInstance);
  return instance ? `${reporter}, ${instance}` : reporter;
}

/** Space as Go has it: JavaScript's trim() also takes U+FEFF, and leaves U+0085. */
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Without a pattern for the ends: those take quadratic time on a message full of spaces. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start += 1;
  while (end > start && SPACE.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
