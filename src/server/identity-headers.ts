import type { IncomingMessage } from 'node:http';
import { StatusError } from '../kube/index.ts';

const REMOTE = /^x-remote-/i;
const IMPERSONATE = /^impersonate-/i;

/** Removes what claims an identity, once the true one is known: nothing behind may believe it. */
export function stripIdentityHeaders(req: IncomingMessage): void {
  const raw = req.rawHeaders;
  const kept: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (!REMOTE.test(name)) kept.push(name, raw[i + 1] ?? '');
  }
  for (const name of Object.keys(req.headers)) {
    if (REMOTE.test(name)) Reflect.deleteProperty(req.headers, name);
  }
  raw.splice(0, raw.length, ...kept);
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
