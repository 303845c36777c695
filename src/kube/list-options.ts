import { parseFieldSelector, type FieldSelector } from './field-selector.ts';
import { parseLabelSelector, type LabelSelector } from './label-selector.ts';
import { isTrue } from './request-info.ts';
import { badRequest, invalidListOptions, type StatusCause } from './status-error.ts';
import { parseVersion } from './version-clock.ts';

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
  const causes = [
    ...versionMatchFaults(match, version, continueToken),
    ...initialEventsOnList(query),
  ];
  if (causes.length > 0) throw invalidListOptions(causes);
  if (continueToken !== '' && version !== '' && version !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  return {
    ...readSelectors(query),
    limit: readInteger(query, 'limit') ?? 0,
    continueToken,
    resourceVersion: readVersion(version),
    resourceVersionMatch: match as VersionMatch,
  };
}

function versionMatchFaults(match: string, version: string, continueToken: string): StatusCause[] {
  const field = 'resourceVersionMatch';
  if (match === '') return [];
  if (continueToken !== '') {
    return [forbidden(field, 'resourceVersionMatch is forbidden when continue is provided')];
  }
  if (version === '') {
    return [
      forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    ];
  }
  if (match !== 'NotOlderThan' && match !== 'Exact') {
    return [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`,
        field,
      },
    ];
  }
  if (match === 'Exact' && version === '0') {
    return [forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')];
  }
  return [];
}

function initialEventsOnList(query: URLSearchParams): StatusCause[] {
  if (!query.has('sendInitialEvents')) return [];
  return [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')];
}

function forbidden(field: string, message: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${message}`, field };
}

/** @throws as parseListOptions */
export function parseWatchOptions(query: URLSearchParams): WatchOptions {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const setsInitialEvents = query.has('sendInitialEvents');
  const causes = watchFaults(match, setsInitialEvents, query.get('continue') ?? '');
  if (causes.length > 0) throw invalidListOptions(causes);
  const fromAny = version === '' || version === '0';
  return {
    ...readSelectors(query),
    resourceVersion: readVersion(version),
    sendInitialEvents: setsInitialEvents ? isTrue(query, 'sendInitialEvents') : fromAny,
    allowWatchBookmarks: isTrue(query, 'allowWatchBookmarks'),
    timeoutSeconds: readInteger(query, 'timeoutSeconds'),
  };
}

function watchFaults(
  match: string,
  setsInitialEvents: boolean,
  continueToken: string,
): StatusCause[] {
  const field = 'resourceVersionMatch';
  if (continueToken !== '') return [forbidden('continue', 'continue is forbidden for watch')];
  if (setsInitialEvents && match === '') {
    return [
      forbidden(field, `sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`),
    ];
  }
  if (!setsInitialEvents && match !== '') {
    return [
      forbidden(
        field,
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    ];
  }
  if (setsInitialEvents && match !== 'NotOlderThan') {
    return [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: "${match}": supported values: "NotOlderThan"`,
        field,
      },
    ];
  }
  return [];
}

function readSelectors(
  query: URLSearchParams,
): Pick<ListOptions, 'labelSelector' | 'fieldSelector'> {
  return {
    labelSelector: parseLabelSelector(query.get('labelSelector') ?? ''),
    fieldSelector: parseFieldSelector(query.get('fieldSelector') ?? ''),
  };
}

function readVersion(text: string): bigint | undefined {
  if (text === '') return undefined;
  const version = parseVersion(text);
  if (version !== undefined) return version;
  throw invalidListOptions([
    {
      reason: 'FieldValueInvalid',
      message: `Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
      field: 'resourceVersion',
    },
  ]);
}

function readInteger(query: URLSearchParams, parameter: string): number | undefined {
  const text = query.get(parameter) ?? '';
  if (text === '') return undefined;
  const value = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw badRequest(
    `invalid value for query parameter ${parameter}: strconv.ParseInt: parsing "${text}": invalid syntax`,
  );
}
