import { StatusError } from '../kube/index.ts';
import { AnswerCache } from './answer-cache.ts';
import type { User } from './authentication.ts';
import type { Access, Authorizer, Decision } from './authorization.ts';
import { callHostPatiently, type Host } from './host.ts';

export interface AccessReviewOptions {
  readonly host: Host;
  /** Milliseconds; any origin. */
  readonly now: () => number;
}

/** As kube-apiserver's own delegation has it. */
const TTL_MS = 10_000;
const MAX_ENTRIES = 10_000;
/** Longer questions are not kept: they would let one user fill the memory. */
const MAX_KEPT_LENGTH = 10_000;

interface SubjectAccessReview {
  readonly status?: {
    readonly allowed?: boolean;
    readonly denied?: boolean;
    readonly reason?: string;
  };
}

/** Decides as the host's own authorization does, by asking it. */
export function accessReviewAuthorizer({ host, now }: AccessReviewOptions): Authorizer {
  const cache = new AnswerCache<Decision>({ ttlMs: TTL_MS, maxEntries: MAX_ENTRIES, now });
  return {
    authorize: async (user, access) => {
      const spec = reviewSpec(user, access);
      const ask = async (): Promise<Decision> => review(host, spec);
      const question = JSON.stringify(spec);
      return question.length > MAX_KEPT_LENGTH ? ask() : cache.answer(question, ask);
    },
  };
}

function reviewSpec({ name, uid, groups, extra }: User, access: Access): object {
  return {
    user: name,
    ...(uid !== '' && { uid }),
    groups,
    ...(Object.keys(extra).length > 0 && { extra }),
    ...attributes(access),
  };
}

function attributes(access: Access): object {
  if (access.kind === 'path') {
    return { nonResourceAttributes: { verb: access.verb, path: access.path } };
  }
  const { verb, group, version, resource, subresource, namespace, name } = access;
  const all = { verb, group, version, resource, subresource, namespace, name };
  const given = Object.entries(all).filter(([, value]) => value !== '');
  return { resourceAttributes: Object.fromEntries(given) };
}

async function review(host: Host, spec: object): Promise<Decision> {
  let answer: SubjectAccessReview;
  try {
    answer = await callHostPatiently<SubjectAccessReview>(host, {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
    });
  } catch (cause) {
    throw new StatusError('InternalError', 'the host could not be asked whether this is allowed', {
      cause,
    });
  }
  const { allowed = false, denied = false, reason = '' } = answer.status ?? {};
  if (denied) return { verdict: 'deny', reason };
  return { verdict: allowed ? 'allow' : 'no opinion', reason };
}
