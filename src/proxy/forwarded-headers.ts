import type { MemberHeaders } from '../members/index.ts';

/** They speak of one connection, or are made anew for the next. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Who asks is told to a member by our own credentials alone. */
const IDENTITY =
  /^(?:authorization$|cookie$|forwarded$|x-remote-|impersonate-|x-forwarded-|proxy-)/;
/** Browsers put a bearer token here, having no other place for it. */
const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** A request's raw header lines without those that must not go on to a member. */
export function forwardedHeaders(rawHeaders: readonly string[]): MemberHeaders {
  const named = new Map<string, { readonly name: string; readonly values: string[] }>();
  const dropped = connectionTokens(rawHeaders);
  for (const [name, value] of pairs(rawHeaders)) {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || dropped.has(lower) || IDENTITY.test(lower)) continue;
    const before = named.get(lower);
    if (before) before.values.push(value);
    else named.set(lower, { name, values: [value] });
  }
  return Object.fromEntries(
    [...named.values()].map(({ name, values: [first = '', ...more] }) => [
      name,
      more.length === 0 ? first : [first, ...more],
    ]),
  );
}

/** A member's raw header lines without those that speak of its connection only. */
export function relayedHeaders(rawHeaders: readonly string[]): string[] {
  const dropped = connectionTokens(rawHeaders);
  return pairs(rawHeaders).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const isHop = HOP_BY_HOP.has(lower) || lower.startsWith('proxy-') || dropped.has(lower);
    return isHop ? [] : [name, value];
  });
}

/** An upgrade's raw header lines: what asks for the upgrade is kept, what says who asks is not. */
export function upgradeHeaders(rawHeaders: readonly string[]): string[] {
  return pairs(rawHeaders).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'host' || lower === 'keep-alive' || IDENTITY.test(lower)) return [];
    if (lower !== 'sec-websocket-protocol') return [name, value];
    const protocols = value.split(',').map((protocol) => protocol.trim());
    const open = protocols.filter((protocol) => !protocol.startsWith(BEARER_PROTOCOL));
    if (open.length === protocols.length) return [name, value];
    return open.length === 0 ? [] : [name, open.join(', ')];
  });
}

function connectionTokens(rawHeaders: readonly string[]): ReadonlySet<string> {
  const values = pairs(rawHeaders).filter(([name]) => name.toLowerCase() === 'connection');
  return new Set(values.flatMap(([, value]) => value.toLowerCase().split(/\s*,\s*/)));
}

function pairs(rawHeaders: readonly string[]): (readonly [name: string, value: string])[] {
  const all: (readonly [string, string])[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    all.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  return all;
}
