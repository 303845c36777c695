import { badRequest, StatusError, unknownPath, type ResourceRequest } from '../kube/index.ts';
import { readReview, type Review } from '../translation/index.ts';
import { jsonAnswer, type Answer, type ViewRequest } from './view-request.ts';

/** Whether a user may use a verb in a view. */
export type MayUseView = (
  user: ViewRequest['user'],
  view: string,
  verb: string,
) => Promise<boolean>;

interface Question {
  readonly review: Review;
  readonly request: ViewRequest;
  readonly may: MayUseView;
}

/** What each review's spec is echoed as, and its answer. */
const SELF_REVIEWS: Readonly<Record<string, SelfReview>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': {
    kind: 'SelfSubjectAccessReview',
    answer: reviewAccess,
  },
  'authorization.k8s.io/selfsubjectrulesreviews': {
    kind: 'SelfSubjectRulesReview',
    answer: reviewRules,
  },
  'authentication.k8s.io/selfsubjectreviews': { kind: 'SelfSubjectReview', answer: reviewSelf },
};

interface SelfReview {
  readonly kind: string;
  readonly answer: (question: Question) => Promise<object>;
}

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
  const review = readReview(await request.readBody(), request.headers['content-type']);
  const apiVersion = `${info.group}/${info.version}`;
  const asked = SELF_REVIEWS[`${info.group}/${info.resource}`];
  if (!asked) throw unknownPath();
  checkType(review, { apiVersion, kind: asked.kind });
  const answer = await asked.answer({ review, request, may });
  return jsonAnswer({ kind: asked.kind, apiVersion, metadata: {}, ...answer }, 201);
}

/** What a body leaves out counts as said. @throws BadRequest when it says otherwise */
function checkType(review: Review, wanted: { apiVersion: string; kind: string }): void {
  const { kind, apiVersion } = review;
  const isOther = kind !== '' && kind !== wanted.kind;
  if (!isOther && (apiVersion === '' || apiVersion === wanted.apiVersion)) return;
  throw badRequest(
    `${kind} in version "${apiVersion}" cannot be handled as a ${wanted.kind}: converting is not possible`,
  );
}

const NO_ATTRIBUTES =
  'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';

async function reviewAccess({ review, request: { user, view }, may }: Question): Promise<object> {
  const { resourceAttributes, nonResourceAttributes } = review;
  const isOfResource = Object.keys(resourceAttributes).length > 0;
  if (isOfResource === Object.keys(nonResourceAttributes).length > 0) {
    const field = 'spec.resourceAttributes';
    const cause = { reason: 'FieldValueInvalid', message: NO_ATTRIBUTES, field };
    throw new StatusError(
      'Invalid',
      `.authorization.k8s.io "" is invalid: ${field}: ${NO_ATTRIBUTES}`,
      { details: { group: 'authorization.k8s.io', causes: [cause] } },
    );
  }
  const attributes = isOfResource ? resourceAttributes : nonResourceAttributes;
  const verb = attributes['verb'] ?? '*';
  const allowed = await may(user, view.name, verb);
  const reason = `the user may ${allowed ? '' : 'not '}${verb} in view ${view.name}`;
  const spec = isOfResource ? { resourceAttributes } : { nonResourceAttributes };
  return { spec, status: { allowed, reason } };
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

async function reviewRules({ review, request: { user, view }, may }: Question): Promise<object> {
  const answers = await Promise.all(VERBS.map(async (verb) => may(user, view.name, verb)));
  const verbs = VERBS.filter((_, index) => answers[index]);
  const status = {
    resourceRules: verbs.length === 0 ? [] : [{ verbs, apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: verbs.includes('get') ? [{ verbs: ['get'], nonResourceURLs: ['*'] }] : [],
    incomplete: false,
  };
  return { spec: { namespace: review.namespace }, status };
}

async function reviewSelf({ request }: Question): Promise<object> {
  const { name, uid, groups, extra } = request.user;
  const userInfo = {
    username: name,
    ...(uid !== '' && { uid }),
    groups,
    ...(Object.keys(extra).length > 0 && { extra }),
  };
  return Promise.resolve({ status: { userInfo } });
}
