import { objectKey, type MemberFreshness, type StoredObject } from '../informers/index.ts';
import {
  memberUnavailable,
  negotiate,
  notFound,
  parseRequestedVersion,
  StatusError,
} from '../kube/index.ts';
import type { MemberReply } from '../members/index.ts';
import { qualifyStatus } from '../translation/index.ts';
import { readFacts } from '../bytes/index.ts';
import type { Encoder } from './encoder.ts';
import type { KindInView } from './kinds.ts';
import { tooLarge } from './list-page.ts';
import { locate, type Located } from './locate.ts';
import {
  fetchObject,
  ingestReply,
  isObjectOf,
  isStatus,
  isUnreachable,
  readReply,
  versionAt,
} from './member-call.ts';
import { Renderer } from './render.ts';
import type { ViewsContext } from './views-context.ts';
import { namespaceOf, wholeAnswer, type Answer, type ResourceAsk } from './view-request.ts';

/** GET of one object by its name in the view. */
export async function readObject(
  ask: ResourceAsk,
  kind: KindInView,
  context: ViewsContext,
): Promise<Answer> {
  const accepted = negotiate(ask.headers.accept, 'one');
  const wanted = parseRequestedVersion(ask.query.get('resourceVersion') ?? '');
  const { latest } = context.clock;
  if (wanted !== undefined && wanted > latest) throw tooLarge(wanted, latest);
  const encoder = await context.encoder(kind, accepted, ask.query);
  const merged = kind.isMerged ? await readMerged(ask, kind, context) : undefined;
  if (merged) {
    const all = { selects: () => true, isRestricted: false };
    return objectAnswer(merged, encoder, context.kinds.freshness(kind, all));
  }
  const located = await locate({ ...ask, kind, context, acceptsUniquePlainName: false });
  const shown = kind.isMerged ? context.kinds.openUnmerged(kind) : kind;
  const shownEncoder = kind.isMerged ? await context.encoder(shown, accepted, ask.query) : encoder;
  return wanted === 0n
    ? readCached(ask, shown, { located, encoder: shownEncoder, context })
    : readLive(ask, shown, { located, encoder: shownEncoder, context });
}

interface Place {
  readonly located: Located;
  readonly encoder: Encoder;
  readonly context: ViewsContext;
}

async function readMerged(
  ask: ResourceAsk,
  kind: KindInView,
  context: ViewsContext,
): Promise<StoredObject | undefined> {
  const clusters = kind.informer.clusters;
  await kind.informer.waitForSync(clusters, context.deadlineMs, ask.signal);
  const [run = []] = kind.source().snapshot().runs.values();
  return run.find(({ name }) => name === ask.info.name);
}

async function readCached(ask: ResourceAsk, kind: KindInView, place: Place): Promise<Answer> {
  const { located, context, encoder } = place;
  await kind.informer.waitForSync([located.member.name], context.deadlineMs, ask.signal);
  const cached = cachedObject(ask, kind, located);
  return cached
    ? objectAnswer(cached, encoder, [kind.informer.freshness(cached.cluster)])
    : readLive(ask, kind, place);
}

function cachedObject(
  ask: ResourceAsk,
  kind: KindInView,
  { member, name }: Located,
): StoredObject | undefined {
  return kind.informer.cache.get(member.name, objectKey({ namespace: namespaceOf(ask), name }));
}

async function readLive(
  ask: ResourceAsk,
  kind: KindInView,
  { located, encoder, context }: Place,
): Promise<Answer> {
  const { member, name } = located;
  try {
    const reply = await fetchObject(
      kind,
      { member, name, namespace: namespaceOf(ask) },
      { timeoutMs: context.deadlineMs, signal: ask.signal },
    );
    if (isObjectOf(kind, reply)) return objectAnswer(ingestReply(kind, member, reply), encoder, []);
    if (isVerdict(reply)) return passReply(reply, located, kind);
    const cached = cachedObject(ask, kind, located);
    return cached ? lastKnown(cached, kind, encoder) : passReply(reply, located, kind);
  } catch (thrown) {
    const cached = cachedObject(ask, kind, located);
    if (!cached || !(thrown instanceof StatusError) || !isUnreachable(thrown)) throw thrown;
    return lastKnown(cached, kind, encoder);
  }
}

function lastKnown(object: StoredObject, kind: KindInView, encoder: Encoder): Answer {
  const freshness = kind.informer.freshness(object.cluster);
  return objectAnswer(object, encoder, [{ ...freshness, state: 'stale' }]);
}

/** That it refuses us, or has trouble, says nothing about the object. */
const NO_VERDICT = new Set([401, 403, 408, 429]);

/** Whether a member's refusal is about the object: then what the cache holds is not true any more. */
function isVerdict(reply: MemberReply): boolean {
  const { statusCode } = reply;
  const isRefusal = statusCode >= 400 && statusCode < 500 && !NO_VERDICT.has(statusCode);
  return isRefusal && isStatus(reply);
}

function objectAnswer(
  object: StoredObject,
  encoder: Encoder,
  freshness: readonly MemberFreshness[],
): Answer {
  return { ...wholeAnswer(encoder.one(object)), freshness };
}

/**
 * A member's refusal, with the name as the view has it.
 * @throws NotFound for a 404 without a Status; ServiceUnavailable for what no Kubernetes API answers,
 * and where it is us that the member does not know, not the client
 */
export function passReply(reply: MemberReply, { member, name }: Located, kind: KindInView): Answer {
  const contentType = String(reply.headers['content-type'] ?? 'application/json');
  const { statusCode } = reply;
  if (statusCode === 401) throw memberUnavailable(member.name, REFUSES_US);
  if (readReply(reply, [['kind']])[0] === '') {
    if (statusCode === 404) throw notFound(kind.resource, name);
    const text = `it answered ${statusCode} with what is no Kubernetes object; see what stands in front of it`;
    throw memberUnavailable(member.name, text);
  }
  const body = kind.view.naming === 'Qualified' ? qualified(reply.body, member.name) : reply.body;
  const retryAfter = reply.headers['retry-after'];
  const answer = wholeAnswer(body, { statusCode, contentType });
  return retryAfter === undefined
    ? answer
    : { ...answer, headers: { 'Retry-After': String(retryAfter) } };
}

const REFUSES_US = 'it answers 401 to our credentials; renew them in the kubeconfig';

/** A body that is no Status goes through as it is. */
function qualified(body: Buffer, cluster: string): Buffer {
  try {
    return qualifyStatus(body, cluster);
  } catch {
    return body;
  }
}

/** GET of a subresource that answers with an object (`status`, `scale`). */
export async function readSubresource(
  ask: ResourceAsk,
  kind: KindInView,
  context: ViewsContext,
): Promise<Answer> {
  const located = await locate({ ...ask, kind, context, acceptsUniquePlainName: false });
  const { member, name } = located;
  const path = context.memberPath(ask, name);
  const reply = await member.fetch({
    method: 'GET',
    path,
    headers: { accept: 'application/json' },
    timeoutMs: context.deadlineMs,
    signal: ask.signal,
  });
  return answerSubresource(ask, kind, { located, reply, context });
}

/** Tags what a subresource answered with. */
export async function answerSubresource(
  ask: ResourceAsk,
  kind: KindInView,
  { located, reply, context }: { located: Located; reply: MemberReply; context: ViewsContext },
): Promise<Answer> {
  const { member, name } = located;
  const shown = kind.isMerged ? context.kinds.openUnmerged(kind) : kind;
  const { statusCode } = reply;
  if (isObjectOf(kind, reply)) {
    const object = ingestReply(kind, member, reply);
    return wholeAnswer(shown.renderer.render(object).whole(), { statusCode });
  }
  const described = kind.resource.subresources.find((each) => each.name === ask.info.subresource);
  if (statusCode >= 300 || described?.name !== 'scale') return passReply(reply, located, kind);
  const memberVersion = readFacts(reply.body).resourceVersion;
  const namespace = namespaceOf(ask);
  const version = await versionAt(
    kind,
    { member, name, namespace, memberVersion },
    { timeoutMs: context.deadlineMs, signal: ask.signal },
  );
  const renderer = new Renderer(kind.view, {
    ...kind.resource,
    kind: described.kind,
    subresource: described.name,
  });
  return wholeAnswer(
    renderer.tag(reply.body, { cluster: member.name, version: String(version), memberVersion }),
    { statusCode },
  );
}
