import { parseFieldSelector, type FieldSelector } from './field-selector.ts';
import { parseLabelSelector, type LabelSelector } from './label-selector.ts';
import { isTrue } from './request-info.ts';
import { badRequest, invalidListOptions, type StatusCause } from './status-error.ts';

export type VersionMatch = '' | 'NotOlderThan' | 'Exact';

/** The query of a LIST, checked. */
export interface ListOptions {
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
  /** Objects a page; 0 for all. */
  readonly limit: number;
  readonly continueToken: string;
  /** undefined: unset. 0n: any. */
  readonly resourceVersion: bigint | undefined;
  readonly resourceVersionMatch: VersionMatch;
}

/** The query of a WATCH, checked. */
export interface WatchOptions {
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
  readonly resourceVersion: bigint | undefined;
  readonly sendInitialEvents: boolean;
  readonly allowWatchBookmarks: boolean;
  /** Seconds until the stream ends by itself; undefined when the server chooses. */
  readonly timeoutSeconds: number | undefined;
}

/**
 * @throws BadRequest for what can't be read, Invalid (422) for combinations that mean nothing,
 * both in the words of kube-apiserver
 */
export function parseListOptions(query: URLSearchParams): ListOptions {
  const continueToken = query.get('continue') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const read = readCommon(query);
  const causes = [
    ...versionMatchFaults(match, version, continueToken),
    ...initialEventsOnList(query),
  ];
  if (causes.length > 0) throw invalidListOptions(causes);
  return {
    labelSelector: read.labelSelector,
    fieldSelector: read.fieldSelector,
    limit: Math.max(0, read.limit ?? 0),
    continueToken,
    resourceVersion: parseRequestedVersion(version),
    resourceVersionMatch: match as VersionMatch,
  };
}

/** All faults at once, in the order of kube-apiserver. */
function versionMatchFaults(match: string, version: string, continueToken: string): StatusCause[] {
  if (match === '') return [];
  const isExact = match === 'Exact';
  const faults: readonly (StatusCause | false)[] = [
    version === '' &&
      onMatch('resourceVersionMatch is forbidden unless resourceVersion is provided'),
    continueToken !== '' && onMatch('resourceVersionMatch is forbidden when continue is provided'),
    !isExact && match !== 'NotOlderThan' && unsupported(match, ['Exact', 'NotOlderThan', '']),
    isExact &&
      version === '0' &&
      onMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
  ];
  return faults.filter((fault) => fault !== false);
}

function initialEventsOnList(query: URLSearchParams): StatusCause[] {
  if (!query.has('sendInitialEvents')) return [];
  return [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')];
}

const onMatch = (message: string): StatusCause => forbidden('resourceVersionMatch', message);

function unsupported(match: string, supported: readonly string[]): StatusCause {
  const values = supported.map((value) => `"${value}"`).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: "${match}": supported values: ${values}`,
    field: 'resourceVersionMatch',
  };
}

function forbidden(field: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${message}`, field };
}

/** @throws as parseListOptions */
export function parseWatchOptions(query: URLSearchParams): WatchOptions {
  const version = query.get('resourceVersion') ?? '';
  const setsInitialEvents = query.has('sendInitialEvents');
  const read = readCommon(query);
  const causes = watchFaults(query, version, setsInitialEvents);
  if (causes.length > 0) throw invalidListOptions(causes);
  return {
    labelSelector: read.labelSelector,
    fieldSelector: read.fieldSelector,
    resourceVersion: parseRequestedVersion(version),
    sendInitialEvents: setsInitialEvents ? isTrue(query, 'sendInitialEvents') : isAny(version),
    allowWatchBookmarks: isTrue(query, 'allowWatchBookmarks'),
    timeoutSeconds: read.timeoutSeconds,
  };
}

const isGiven = (query: URLSearchParams, parameter: string): boolean =>
  (query.get(parameter) ?? '') !== '';

const isAny = (version: string): boolean => version === '' || version === '0';

function watchFaults(
  query: URLSearchParams,
  version: string,
  setsInitialEvents: boolean,
): StatusCause[] {
  const given = query.get('resourceVersionMatch') ?? '';
  // What such a watch has always begun with counts as asked for.
  const isLegacy = !setsInitialEvents && given === '' && isAny(version);
  const match = isLegacy ? 'NotOlderThan' : given;
  const asksInitialEvents = setsInitialEvents || isLegacy;
  const isOther = match !== 'NotOlderThan';
  const needed: readonly (StatusCause | false)[] = [
    asksInitialEvents &&
      isOther &&
      onMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
  ];
  if (match === '') return needed.filter((fault) => fault !== false);
  const ofMatch: readonly (StatusCause | false)[] = [
    !asksInitialEvents &&
      onMatch('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    isOther && unsupported(match, ['NotOlderThan']),
    isGiven(query, 'continue') &&
      onMatch('resourceVersionMatch is forbidden when continue is provided'),
  ];
  return [...needed, ...ofMatch].filter((fault) => fault !== false);
}

/** What lists and watches read alike, even where they have no use for it. */
function readCommon(query: URLSearchParams) {
  return {
    labelSelector: parseLabelSelector(query.get('labelSelector') ?? ''),
    fieldSelector: parseFieldSelector(query.get('fieldSelector') ?? ''),
    limit: readInteger(query, 'limit'),
    timeoutSeconds: readInteger(query, 'timeoutSeconds'),
  };
}

const MOST_VERSION = 2n ** 64n - 1n;

/**
 * The version of a request; undefined when it names none.
 * @throws BadRequest
 */
export function parseRequestedVersion(text: string): bigint | undefined {
  if (text === '') return undefined;
  const version = /^\d+$/.test(text) ? BigInt(text) : undefined;
  if (version !== undefined && version <= MOST_VERSION) return version;
  const problem = version === undefined ? 'invalid syntax' : 'value out of range';
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": ${problem}`,
  );
}

const MOST_INTEGER = 2n ** 63n - 1n;

function readInteger(query: URLSearchParams, parameter: string): number | undefined {
  const text = query.get(parameter);
  if (text === null) return undefined;
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (value !== undefined && value <= MOST_INTEGER && value >= -MOST_INTEGER) return Number(value);
  const problem = value === undefined ? 'invalid syntax' : 'value out of range';
  throw badRequest(`strconv.ParseInt: parsing "${text}": ${problem}`);
}
