import type { IncomingMessage } from 'node:http';
import type { Authenticator, User } from './authentication.ts';
import { certificateUser, chainCheck, peerCertificate } from './client-certificate.ts';
import type { RequestHeaderRules } from './host-authentication.ts';

export interface RequestHeaderOptions {
  /** Asked for each request, so that they can change; undefined for no aggregator. */
  readonly rules: () => RequestHeaderRules | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Users as the host's aggregator tells them in headers. Believed of nobody but who shows the
 * aggregator's certificate.
 */
export function requestHeaderAuthenticator({ rules, now }: RequestHeaderOptions): Authenticator {
  const isTrusted = chainCheck(now);
  const isAggregator = (req: IncomingMessage, known: RequestHeaderRules): boolean => {
    const certificate = peerCertificate(req);
    if (!certificate || !isTrusted(req, certificate, known.authorities)) return false;
    const name = certificateUser(certificate)?.name ?? '';
    return known.allowedNames.length === 0 || known.allowedNames.includes(name);
  };
  return {
    authenticate: (req) => {
      const known = rules();
      if (!known || !isAggregator(req, known)) return Promise.resolve(undefined);
      return Promise.resolve(userOf(req.rawHeaders, known));
    },
    claims: (header) => isIdentityHeader(header, rules()),
  };
}

function isIdentityHeader(header: string, rules: RequestHeaderRules | undefined): boolean {
  if (!rules) return false;
  const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = rules;
  return (
    [...usernameHeaders, ...uidHeaders, ...groupHeaders].includes(header) ||
    extraHeaderPrefixes.some((prefix) => header.startsWith(prefix))
  );
}

/**
 * Reads the raw lines: joined ones could not be told from names with commas.
 * @returns undefined when no name is told
 */
function userOf(rawHeaders: readonly string[], rules: RequestHeaderRules): User | undefined {
  const lines = headerLines(rawHeaders);
  const name = firstOf(lines, rules.usernameHeaders);
  if (name === '') return undefined;
  const groups = rules.groupHeaders.flatMap((header) => valuesOf(lines, header));
  return {
    name,
    uid: firstOf(lines, rules.uidHeaders),
    groups,
    extra: extraOf(lines, rules.extraHeaderPrefixes),
  };
}

type Line = readonly [header: string, value: string];

/** Header names in lower case; values as the UTF-8 that was sent, which Node reads as latin1. */
function headerLines(rawHeaders: readonly string[]): Line[] {
  const lines: Line[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const value = Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8');
    lines.push([(rawHeaders[index] ?? '').toLowerCase(), value]);
  }
  return lines;
}

function valuesOf(lines: readonly Line[], header: string): string[] {
  return lines.flatMap(([name, value]) => (name === header && value !== '' ? [value] : []));
}

function firstOf(lines: readonly Line[], headers: readonly string[]): string {
  for (const header of headers) {
    const value = lines.find(([name]) => name === header)?.[1] ?? '';
    if (value !== '') return value;
  }
  return '';
}

function extraOf(lines: readonly Line[], prefixes: readonly string[]): User['extra'] {
  const extra = new Map<string, string[]>();
  for (const [name, value] of lines) {
    const prefix = prefixes.find((one) => name.startsWith(one));
    if (prefix === undefined) continue;
    const key = percentDecoded(name.slice(prefix.length));
    extra.set(key, [...(extra.get(key) ?? []), value]);
  }
  return Object.fromEntries(extra);
}

/** A name with an escape that can't be read is taken as it stands. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
