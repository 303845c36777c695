import { objectKey } from '../informers/index.ts';
import {
  CLUSTER_LABEL,
  methodNotAllowed,
  notFound,
  parseVersion,
  splitName,
  StatusError,
  type ResourceRequest,
} from '../kube/index.ts';
import type { Member, MemberReply } from '../members/index.ts';
import {
  isDryRun,
  readCreateTarget,
  translateBody,
  type TranslationTarget,
} from '../translation/index.ts';
import type { KindInView } from './kinds.ts';
import { checkIsKnown, locate, type Located } from './locate.ts';
import { ingestReply, isObjectOf, isStatus, readReply } from './member-call.ts';
import { answerSubresource, passReply } from './read-object.ts';
import { namespaceOf, wholeAnswer, type Answer, type ResourceAsk } from './view-request.ts';
import type { ViewsContext } from './views-context.ts';

/** A member may take this long for a write; kube-apiserver's own limit is 60 s. */
const WRITE_TIMEOUT_MS = 34_000;

/** PUT, PATCH, DELETE and subresource POST of a name in the view: to the member that the name says. */
export async function writeObject(
  ask: ResourceAsk,
  kind: KindInView,
  context: ViewsContext,
): Promise<Answer> {
  if (kind.view.naming === 'Plain') throw methodNotAllowed(kind.resource, ask.info.verb);
  const located = await locate({ ...ask, kind, context, acceptsUniquePlainName: false });
  return send(ask, kind, { located, context, body: await ask.readBody() });
}

/** POST to a collection: to the member that the body's name or label says. */
export async function createObject(
  ask: ResourceAsk,
  kind: KindInView,
  context: ViewsContext,
): Promise<Answer> {
  if (kind.view.naming === 'Plain') throw methodNotAllowed(kind.resource, 'create');
  const body = await ask.readBody();
  const target = readCreateTarget(body, ask.headers['content-type']);
  const { name, cluster } = splitName(target.name, context.kinds.isMember);
  const chosen = cluster === '' ? target.clusterLabel : cluster;
  if (chosen === '') throw needsPlacement(ask.info, kind.resource.members);
  const member = context.fleet.get(chosen);
  if (!member || !kind.resource.members.includes(chosen)) {
    checkIsKnown(chosen, context);
    throw notFound({ group: 'cluster.karmada.io', resource: 'clusters' }, chosen);
  }
  return send(ask, kind, { located: { member, name }, context, body });
}

function needsPlacement(
  { group, resource }: ResourceRequest,
  members: readonly string[],
): StatusError {
  const hint = `name it NAME@CLUSTER or label it ${CLUSTER_LABEL} to create it in one of ${members.join(', ')}`;
  return new StatusError(
    'NotImplemented',
    `a plain name belongs to the control plane, which does not store ${resource} yet: ${hint}`,
    { details: { ...(group !== '' && { group }), kind: resource } },
  );
}

interface Write {
  readonly located: Located;
  readonly context: ViewsContext;
  readonly body: Buffer;
}

async function send(ask: ResourceAsk, kind: KindInView, write: Write): Promise<Answer> {
  const { located, context } = write;
  const { info } = ask;
  if (info.verb === 'patch') checkPatchType(ask.headers['content-type'] ?? '');
  const translated =
    write.body.length === 0
      ? undefined
      : translateBody(write.body, ask.headers['content-type'], translationTarget(ask, kind, write));
  const reply = await located.member.fetch({
    method: ask.method,
    path: context.memberPath(ask, info.verb === 'create' && info.name === '' ? '' : located.name),
    headers: forwardedHeaders(ask, translated?.contentType ?? ask.headers['content-type']),
    ...(translated && { body: translated.body }),
    timeoutMs: WRITE_TIMEOUT_MS,
    signal: ask.signal,
  });
  const answer = await answerWrite(ask, kind, { ...write, reply });
  return { ...answer, warnings: warningTexts(reply) };
}

const PATCH_TYPE =
  /^application\/((json|merge|strategic-merge)-patch\+json|apply-patch\+yaml)\s*(;|$)/i;

/** @throws UnsupportedMediaType as kube-apiserver's routes do, before a body is looked at */
function checkPatchType(contentType: string): void {
  if (PATCH_TYPE.test(contentType)) return;
  throw new StatusError('UnsupportedMediaType', '415: Unsupported Media Type', { details: {} });
}

function translationTarget(
  ask: ResourceAsk,
  kind: KindInView,
  { located, context }: Write,
): TranslationTarget {
  const { info } = ask;
  const { member, name } = located;
  const subresource = kind.resource.subresources.find((each) => each.name === info.subresource);
  return {
    cluster: member.name,
    name,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    kind: subresource?.kind ?? kind.resource.kind,
    isMember: context.kinds.isMember,
    memberVersion: (ours) =>
      memberVersion(kind, { member, name, namespace: namespaceOf(ask) }, ours),
  };
}

/** The member's version behind one of ours, if the cache or its history still knows it. */
function memberVersion(
  kind: KindInView,
  { member, name, namespace }: { member: Member; name: string; namespace: string },
  ours: string,
): string | undefined {
  const { cache } = kind.informer;
  const key = objectKey({ namespace, name });
  const current = cache.get(member.name, key);
  if (current && String(current.version) === ours) return current.memberVersion;
  const version = parseVersion(ours) ?? 0n;
  const [change] = cache.changesSince(version - 1n) ?? [];
  const isItsChange =
    change?.version === version &&
    change.object.cluster === member.name &&
    objectKey(change.object) === key;
  return isItsChange ? change.object.memberVersion : undefined;
}

function forwardedHeaders(
  { headers }: ResourceAsk,
  contentType: string | undefined,
): Record<string, string> {
  return {
    accept: 'application/json',
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(headers['user-agent'] !== undefined && { 'user-agent': headers['user-agent'] }),
  };
}

async function answerWrite(
  ask: ResourceAsk,
  kind: KindInView,
  write: Write & { reply: MemberReply },
): Promise<Answer> {
  const { located, reply, context } = write;
  const { info } = ask;
  if (reply.statusCode >= 300) return passReply(reply, located, kind);
  if (changesNothing(ask, write.body) && info.subresource !== 'scale')
    return answerDryRun(kind, write);
  if (info.verb === 'delete' && isStatus(reply)) {
    const [uid = ''] = readReply(reply, DELETED_UID);
    const namespace = namespaceOf(ask);
    kind.informer.cache.removeDeleted(
      located.member.name,
      objectKey({ namespace, name: located.name }),
      uid,
    );
    return passReply(reply, located, kind);
  }
  if (info.subresource !== '') return answerSubresource(ask, kind, { located, reply, context });
  if (!isObjectOf(kind, reply)) return passReply(reply, located, kind);
  const shown = kind.isMerged ? context.kinds.openUnmerged(kind) : kind;
  const object = ingestReply(kind, located.member, reply);
  return wholeAnswer(shown.renderer.render(object).whole(), { statusCode: reply.statusCode });
}

/** A deletion may say in its body that it is a dry run; everything else says so in its query. */
function changesNothing({ query, info, headers }: ResourceAsk, body: Buffer): boolean {
  if (query.has('dryRun')) return true;
  return info.verb === 'delete' && isDryRun(body, headers['content-type']);
}

const DELETED_UID: readonly (readonly string[])[] = [['details', 'uid']];
const OBJECT_VERSION: readonly (readonly string[])[] = [['metadata', 'resourceVersion']];

/** What would be there is not: it is tagged, but never taken into the cache. */
function answerDryRun(
  kind: KindInView,
  { located, reply, context }: Write & { reply: MemberReply },
): Answer {
  if (!isObjectOf(kind, reply)) return passReply(reply, located, kind);
  const shown = kind.isMerged ? context.kinds.openUnmerged(kind) : kind;
  const [replied = ''] = readReply(reply, OBJECT_VERSION);
  const tag = {
    cluster: located.member.name,
    version: String(context.clock.latest),
    memberVersion: replied,
  };
  return wholeAnswer(shown.renderer.tag(reply.body, tag), { statusCode: reply.statusCode });
}

/** The texts of a member's `Warning: 299 - "…"` lines. */
function warningTexts(reply: MemberReply): string[] {
  const header = reply.headers['warning'];
  const lines = header === undefined ? [] : Array.isArray(header) ? header : [header];
  return lines.flatMap((line) =>
    [...line.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
      text.replace(/\\(.)/g, '$1'),
    ),
  );
}
