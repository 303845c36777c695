import { StatusError, groupResourceText } from '../kube/index.ts';
import type { User } from './authentication.ts';

/** What somebody wants to do with a resource; names and scopes are '' where there is none. */
export interface ResourceAccess {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** What somebody wants to do: with a resource, or with a path that addresses none. */
export type Access =
  | ({ readonly kind: 'resource' } & ResourceAccess)
  | { readonly kind: 'path'; readonly verb: string; readonly path: string };

/** `no opinion` leaves the decision to the next authorizer. */
export interface Decision {
  readonly verdict: 'allow' | 'deny' | 'no opinion';
  /** Why, for the one who asked; '' for none. */
  readonly reason: string;
}

/** One way to decide who may do what. */
export interface Authorizer {
  /** @throws StatusError when it can't decide: the request fails then, it is never let through */
  authorize(user: User, access: Access): Promise<Decision>;
}

const NO_OPINION: Decision = { verdict: 'no opinion', reason: '' };

/** The administrators' group: whoever is in it may do everything, everywhere. */
export const ADMINISTRATORS_GROUP = 'system:masters';

export const administratorsAuthorizer: Authorizer = {
  authorize: (user) =>
    Promise.resolve(
      user.groups.includes(ADMINISTRATORS_GROUP) ? { verdict: 'allow', reason: '' } : NO_OPINION,
    ),
};

/**
 * The first authorizer with an opinion decides; without any, the answer is no.
 * @throws Forbidden in the words of kube-apiserver
 */
export async function authorize(
  authorizers: readonly Authorizer[],
  user: User,
  access: Access,
): Promise<void> {
  const reasons: string[] = [];
  for (const authorizer of authorizers) {
    const { verdict, reason } = await authorizer.authorize(user, access);
    if (verdict === 'allow') return;
    if (reason !== '') reasons.push(reason);
    if (verdict === 'deny') break;
  }
  throw forbidden(user, access, reasons.join('\n'));
}

/** 403 in the words of kube-apiserver. */
export function forbidden(user: User, access: Access, reason = ''): StatusError {
  const because = reason === '' ? '' : `: ${reason}`;
  if (access.kind === 'path') {
    const message = `forbidden: User "${user.name}" cannot ${access.verb} path "${access.path}"${because}`;
    return new StatusError('Forbidden', message, { details: {} });
  }
  const { group, resource, subresource, name, namespace, verb } = access;
  const place = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  const subject = `${groupResourceText({ group, resource })}${name === '' ? '' : ` "${name}"`}`;
  const message =
    `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "${whole}" ` +
    `in API group "${group}" ${place}${because}`;
  return new StatusError('Forbidden', message, {
    details: {
      ...(name !== '' && { name }),
      ...(group !== '' && { group }),
      kind: resource,
    },
  });
}
