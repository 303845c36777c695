import { StatusError, type ResourceRequest } from '../kube/index.ts';
import { jsonAnswer, type Answer, type ViewRequest } from './view-request.ts';

/** Whether a user may use a verb in a view. */
export type MayUseView = (
  user: ViewRequest['user'],
  view: string,
  verb: string,
) => Promise<boolean>;

type Attributes = Readonly<Record<string, unknown>>;

const SELF_REVIEWS: Readonly<
  Record<string, (spec: Attributes, request: ViewRequest, may: MayUseView) => Promise<unknown>>
> = {
  'authorization.k8s.io/selfsubjectaccessreviews': reviewAccess,
  'authorization.k8s.io/selfsubjectrulesreviews': reviewRules,
  'authentication.k8s.io/selfsubjectreviews': reviewSelf,
};

/** Whether a request asks about the asker: such reviews store nothing and are answered by us. */
export function isSelfReview({ verb, group, resource }: ResourceRequest): boolean {
  return verb === 'create' && `${group}/${resource}` in SELF_REVIEWS;
}

/** @throws BadRequest when the body is not the review that it should be */
export async function answerSelfReview(
  request: ViewRequest,
  info: ResourceRequest,
  may: MayUseView,
): Promise<Answer> {
  const review = SELF_REVIEWS[`${info.group}/${info.resource}`];
  const body = parseBody(await request.readBody());
  const spec = isObject(body['spec']) ? body['spec'] : {};
  const status = review ? await review(spec, request, may) : {};
  return jsonAnswer(
    { ...body, metadata: isObject(body['metadata']) ? body['metadata'] : {}, status },
    201,
  );
}

function parseBody(body: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (isObject(parsed)) return parsed;
  } catch {
    // said below
  }
  throw new StatusError('BadRequest', 'the body of the review is not a JSON object');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function reviewAccess(
  spec: Attributes,
  { user, view }: ViewRequest,
  may: MayUseView,
): Promise<unknown> {
  const attributes = spec['resourceAttributes'] ?? spec['nonResourceAttributes'];
  if (!isObject(attributes)) {
    throw new StatusError(
      'BadRequest',
      'exactly one of resourceAttributes or nonResourceAttributes must be given',
    );
  }
  const verb =
    typeof attributes['verb'] === 'string' && attributes['verb'] !== '' ? attributes['verb'] : '*';
  const allowed = await may(user, view.name, verb);
  const reason = allowed
    ? `may ${verb} in view ${view.name}`
    : `may not ${verb} in view ${view.name}`;
  return { allowed, reason };
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

async function reviewRules(
  _spec: Attributes,
  { user, view }: ViewRequest,
  may: MayUseView,
): Promise<unknown> {
  const answers = await Promise.all(VERBS.map(async (verb) => may(user, view.name, verb)));
  const verbs = VERBS.filter((_, index) => answers[index]);
  return {
    resourceRules: verbs.length === 0 ? [] : [{ verbs, apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: verbs.includes('get') ? [{ verbs: ['get'], nonResourceURLs: ['*'] }] : [],
    incomplete: false,
  };
}

async function reviewSelf(_spec: Attributes, { user }: ViewRequest): Promise<unknown> {
  const { name, uid, groups, extra } = user;
  return Promise.resolve({
    userInfo: {
      username: name,
      ...(uid !== '' && { uid }),
      groups,
      ...(Object.keys(extra).length > 0 && { extra }),
    },
  });
}
