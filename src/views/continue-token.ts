import { badRequest, parseVersion } from '../kube/index.ts';

/** Where a page ended, and in which snapshot. */
export interface ContinuePosition {
  readonly version: bigint;
  /** The run that the last object stands in. */
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

export function formatContinueToken({
  version,
  cluster,
  namespace,
  name,
}: ContinuePosition): string {
  const text = JSON.stringify({
    v: 'flotilla.io/v1',
    rv: String(version),
    at: [cluster, namespace, name],
  });
  return Buffer.from(text).toString('base64url');
}

/** @throws BadRequest when it is not a token of ours */
export function parseContinueToken(token: string): ContinuePosition {
  const fail = (): Error =>
    badRequest(`invalid continue token: continue key is not valid: it was not made by this server`);
  if (!/^[A-Za-z0-9_-]+$/.test(token)) throw fail();
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw fail();
  }
  const { v, rv, at } = (typeof fields === 'object' && fields !== null ? fields : {}) as Record<
    string,
    unknown
  >;
  const version = typeof rv === 'string' ? parseVersion(rv) : undefined;
  if (v !== 'flotilla.io/v1' || version === undefined || !Array.isArray(at)) throw fail();
  const [cluster, namespace, name] = at as unknown[];
  if (typeof cluster !== 'string' || typeof namespace !== 'string' || typeof name !== 'string')
    throw fail();
  return { version, cluster, namespace, name };
}
