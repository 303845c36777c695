import type { IncomingMessage } from 'node:http';
import { BEARER_PROTOCOL } from '../identity/index.ts';
import { StatusError } from '../kube/index.ts';

const REMOTE = 'x-remote-';
const IMPERSONATE = /^impersonate-/i;
const PROTOCOLS = 'sec-websocket-protocol';

/**
 * Removes what tells or claims an identity, once the true one is known: nothing behind may believe
 * it, or pass it on.
 * @param claims - whether a header, its name in lower case, is one that identities are read from
 */
export function stripIdentityHeaders(
  req: IncomingMessage,
  claims: (header: string) => boolean = () => false,
): void {
  const isIdentity = (name: string): boolean =>
    name === 'authorization' || name.startsWith(REMOTE) || claims(name);
  const raw = req.rawHeaders;
  const kept: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    if (name.toLowerCase() === PROTOCOLS) kept.push(...protocolLine(name, value));
    else if (!isIdentity(name.toLowerCase())) kept.push(name, value);
  }
  for (const name of Object.keys(req.headers)) {
    if (isIdentity(name)) Reflect.deleteProperty(req.headers, name);
  }
  const [, protocols] = protocolLine(PROTOCOLS, req.headers[PROTOCOLS] ?? '');
  if (protocols !== undefined) req.headers[PROTOCOLS] = protocols;
  else Reflect.deleteProperty(req.headers, PROTOCOLS);
  raw.splice(0, raw.length, ...kept);
}

/** The subprotocols that are not a bearer token in disguise; nothing when none remains. */
function protocolLine(name: string, value: string): [] | [name: string, value: string] {
  const all = value.split(',').map((protocol) => protocol.trim());
  const open = all.filter((protocol) => protocol !== '' && !protocol.startsWith(BEARER_PROTOCOL));
  if (open.length === 0) return [];
  return open.length === all.length ? [name, value] : [name, open.join(', ')];
}

/**
 * Acting as somebody else is refused rather than ignored: who asks to act with fewer rights must
 * not act with all of them.
 * @throws Forbidden naming the header
 */
export function refuseImpersonation(req: IncomingMessage): void {
  const name = Object.keys(req.headers).find((header) => IMPERSONATE.test(header));
  if (name === undefined) return;
  throw new StatusError('Forbidden', `impersonation is not served: remove the header ${name}`, {
    details: {},
  });
}
