import type { IncomingMessage } from 'node:http';
import { StatusError } from '../kube/index.ts';
import { AnswerCache } from './answer-cache.ts';
import { unauthorized, type Authenticator, type User } from './authentication.ts';
import { callHostPatiently, type Host } from './host.ts';

export interface TokenReviewOptions {
  readonly host: Host;
  /** Milliseconds; any origin. */
  readonly now: () => number;
}

/** As kube-apiserver's own delegation has it. */
const TTL_MS = 10_000;
const MAX_ENTRIES = 10_000;
/** Browsers have no header for a token of their own; it travels as one of the subprotocols. */
export const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

/** Users by bearer token: the host says whose it is. */
export function tokenReviewAuthenticator({ host, now }: TokenReviewOptions): Authenticator {
  const cache = new AnswerCache<{ user?: User }>({ ttlMs: TTL_MS, maxEntries: MAX_ENTRIES, now });
  return {
    authenticate: async (req) => {
      const token = bearerToken(req);
      if (token === undefined) return undefined;
      const { user } = await cache.answer(token, async () => review(host, token));
      if (!user) throw unauthorized();
      return user;
    },
  };
}

async function review(host: Host, token: string): Promise<{ user?: User }> {
  let answer: TokenReview;
  try {
    answer = await callHostPatiently<TokenReview>(host, {
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
    });
  } catch (cause) {
    // Not a 401: the token may be good, and clients throw away what they are told is not.
    throw new StatusError('InternalError', 'the host could not be asked whose token this is', {
      cause,
    });
  }
  const { authenticated, user } = answer.status ?? {};
  const name = user?.username ?? '';
  if (authenticated !== true || name === '') return {};
  const { uid = '', groups = [], extra = {} } = user ?? {};
  return { user: { name, uid, groups, extra } };
}

/** The token of an Authorization header, or of a WebSocket's subprotocols; undefined for none. */
export function bearerToken({ headers }: IncomingMessage): string | undefined {
  const [scheme = '', token = ''] = (headers.authorization ?? '').trim().split(' ');
  if (scheme.toLowerCase() === 'bearer' && token !== '') return token;
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const encoded = protocols.find((one) => one.startsWith(BEARER_PROTOCOL));
  if (encoded === undefined) return undefined;
  return protocolToken(encoded.slice(BEARER_PROTOCOL.length), protocols);
}

/** @throws Unauthorized when it can't be read, or when nothing would remain to agree upon */
function protocolToken(encoded: string, protocols: readonly string[]): string {
  const bytes = Buffer.from(encoded, 'base64url');
  const token = bytes.toString('utf8');
  const isWhole = bytes.toString('base64url') === encoded && Buffer.from(token).equals(bytes);
  const others = protocols.filter((one) => one !== '' && !one.startsWith(BEARER_PROTOCOL));
  if (token === '' || !isWhole || protocols.length - others.length > 1 || others.length === 0) {
    throw unauthorized(new Error('the bearer subprotocol can not be read'));
  }
  return token;
}
