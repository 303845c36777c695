import type { IncomingMessage } from 'node:http';
import { StatusError } from '../kube/index.ts';

/** Who asks, as Kubernetes names people and programs. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** '' when the way of authentication knows none. */
  readonly uid: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** One way to learn who asks. */
export interface Authenticator {
  /**
   * @returns the user; undefined when the request carries no credential of this kind
   * @throws Unauthorized when it carries one that is not valid; other ways are tried all the same
   */
  authenticate(request: IncomingMessage): Promise<User | undefined>;
  /** Whether a header (its name in lower case) may tell who asks: removed once the user is known. */
  claims?(header: string): boolean;
}

export const AUTHENTICATED_GROUP = 'system:authenticated';
export const UNAUTHENTICATED_GROUP = 'system:unauthenticated';

/** Who asks without any credential; may read health and version, nothing else. */
export const ANONYMOUS: User = {
  name: 'system:anonymous',
  groups: [UNAUTHENTICATED_GROUP],
  uid: '',
  extra: {},
};

/** 401 in the words of kube-apiserver. The cause is logged, never sent. */
export function unauthorized(cause?: unknown): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized', { cause });
}

/**
 * The first authenticator that knows the user decides, as in kube-apiserver: a certificate of a
 * stranger's does no harm beside a valid token. Everyone known is also in `system:authenticated`.
 * @throws Unauthorized when none knows the user
 */
export async function authenticate(
  authenticators: readonly Authenticator[],
  request: IncomingMessage,
): Promise<User> {
  let refusal: StatusError | undefined;
  for (const authenticator of authenticators) {
    try {
      const user = await authenticator.authenticate(request);
      if (user) return withAuthenticatedGroup(user);
    } catch (thrown) {
      if (!(thrown instanceof StatusError) || thrown.reason !== 'Unauthorized') throw thrown;
      refusal ??= thrown;
    }
  }
  throw refusal ?? unauthorized();
}

function withAuthenticatedGroup(user: User): User {
  const isMarked =
    user.groups.includes(AUTHENTICATED_GROUP) || user.groups.includes(UNAUTHENTICATED_GROUP);
  if (isMarked || user.name === ANONYMOUS.name) return user;
  return { ...user, groups: [...user.groups, AUTHENTICATED_GROUP] };
}
