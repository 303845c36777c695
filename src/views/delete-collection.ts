import { splitListWithFacts } from '../bytes/index.ts';
import {
  CLUSTER_LABEL,
  formatFieldSelector,
  formatLabelSelector,
  groupVersionText,
  memberUnavailable,
  methodNotAllowed,
  parseFieldSelector,
  parseLabelSelector,
  resourcePath,
  StatusError,
  toStatusError,
  type StatusCause,
} from '../kube/index.ts';
import type { Member, MemberReply } from '../members/index.ts';
import { translateBody } from '../translation/index.ts';
import { joinList } from './encoder.ts';
import type { KindInView } from './kinds.ts';
import { checkIsKnown } from './locate.ts';
import { isStatus, readReply } from './member-call.ts';
import { selectObjects, type Selection } from './selection.ts';
import type { Answer, ResourceAsk } from './view-request.ts';
import type { ViewsContext } from './views-context.ts';

const TIMEOUT_MS = 34_000;

/**
 * DELETE of a collection. Without the virtual label it addresses the control plane's own objects,
 * never a member's; with it, the members that it selects, all of which must answer first.
 */
export async function deleteCollection(
  ask: ResourceAsk,
  kind: KindInView,
  context: ViewsContext,
): Promise<Answer> {
  if (kind.view.naming === 'Plain') throw methodNotAllowed(kind.resource, ask.info.verb);
  const labelSelector = parseLabelSelector(ask.query.get('labelSelector') ?? '');
  const selection = selectObjects({
    view: kind.view,
    resource: kind.resource,
    namespace: ask.info.namespace,
    labelSelector,
    fieldSelector: parseFieldSelector(ask.query.get('fieldSelector') ?? ''),
    clusters: kind.resource.members,
    isMember: context.kinds.isMember,
    customFields: await context.catalog.selectableFields(kind.resource),
  });
  if (!labelSelector.some(({ key }) => key === CLUSTER_LABEL)) {
    const hint = `nothing in members was deleted: select them with -l ${CLUSTER_LABEL}=CLUSTER`;
    return { ...listOf([], kind, context), warnings: [hint] };
  }
  for (const cluster of context.catalog.unknownMembers())
    if (selection.selects(cluster)) checkIsKnown(cluster, context);
  const members = selection.clusters.flatMap((cluster) => context.fleet.get(cluster) ?? []);
  await allAnswer(members, kind, ask, context);
  const body = await ask.readBody();
  const results = await Promise.allSettled(
    members.map(async (member) => deleteAt(member, ask, kind, { body, selection, context })),
  );
  const causes = results.flatMap((result, index) =>
    result.status === 'rejected' ? causeOf(result.reason, members[index]?.name ?? '') : [],
  );
  if (causes.length > 0) throw partialFailure(causes, kind);
  const deleted = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  return listOf(deleted, kind, context);
}

function causeOf(thrown: unknown, cluster: string): StatusCause {
  const { reason, message } = toStatusError(thrown);
  return { reason, message, field: cluster };
}

/** @throws ServiceUnavailable before anything is deleted, if one of them does not answer */
async function allAnswer(
  members: readonly Member[],
  { resource }: KindInView,
  ask: ResourceAsk,
  { deadlineMs }: ViewsContext,
): Promise<void> {
  const path = `${resourcePath(resource, { namespace: ask.info.namespace })}?limit=1`;
  await Promise.all(
    members.map(async (member) => {
      const { statusCode } = await member.fetch({
        method: 'GET',
        path,
        headers: { accept: 'application/json' },
        timeoutMs: deadlineMs,
        signal: ask.signal,
      });
      if (statusCode === 401 || statusCode >= 500)
        throw memberUnavailable(member.name, `it answers ${statusCode}, so nothing was deleted`);
    }),
  );
}

interface CollectionDelete {
  readonly body: Buffer;
  readonly selection: Selection;
  readonly context: ViewsContext;
}

/** What a member has deleted, tagged; nothing where it only says that it is done. */
async function deleteAt(
  member: Member,
  ask: ResourceAsk,
  kind: KindInView,
  { body, selection, context }: CollectionDelete,
): Promise<Buffer[]> {
  const query = queryAt(member.name, ask.query, selection);
  const { info, headers } = ask;
  const target = {
    ...info,
    cluster: member.name,
    kind: kind.resource.kind,
    isMember: context.kinds.isMember,
    memberVersion: () => undefined,
  };
  const translated =
    body.length === 0 ? undefined : translateBody(body, headers['content-type'], target);
  const reply = await member.fetch({
    method: 'DELETE',
    path: `${resourcePath(kind.resource, { namespace: info.namespace })}?${query.toString()}`,
    headers: {
      accept: 'application/json',
      ...(translated && { 'content-type': translated.contentType }),
    },
    ...(translated && { body: translated.body }),
    timeoutMs: TIMEOUT_MS,
    signal: ask.signal,
  });
  if (reply.statusCode >= 300) throw refused(member, reply);
  if (isStatus(reply)) return [];
  const version = String(context.clock.latest);
  const list = splitListWithFacts(reply.body);
  return list.items.map((item, index) => {
    const memberVersion = list.facts[index]?.resourceVersion ?? '';
    return kind.renderer.tag(item, { cluster: member.name, version, memberVersion });
  });
}

function queryAt(cluster: string, asked: URLSearchParams, selection: Selection): URLSearchParams {
  const query = new URLSearchParams(asked);
  query.delete('labelSelector');
  query.delete('fieldSelector');
  const labels = formatLabelSelector(selection.labels);
  const fields = formatFieldSelector(selection.fieldsAt(cluster));
  if (labels !== '') query.set('labelSelector', labels);
  if (fields !== '') query.set('fieldSelector', fields);
  return query;
}

const MESSAGE: readonly (readonly string[])[] = [['message']];

function refused(member: Member, reply: MemberReply): StatusError {
  return new StatusError(
    'ServiceUnavailable',
    `cluster ${member.name} answered ${reply.statusCode}: ${readReply(reply, MESSAGE)[0] ?? ''}`,
  );
}

function partialFailure(causes: readonly StatusCause[], { resource }: KindInView): StatusError {
  const clusters = causes.map(({ field }) => field).join(', ');
  return new StatusError(
    'ServiceUnavailable',
    `${resource.resource} were not deleted in ${clusters}; elsewhere they were`,
    {
      details: {
        ...(resource.group !== '' && { group: resource.group }),
        kind: resource.resource,
        causes,
      },
    },
  );
}

function listOf(items: readonly Buffer[], { resource }: KindInView, context: ViewsContext): Answer {
  const metadata = JSON.stringify({ resourceVersion: String(context.clock.latest) });
  return {
    statusCode: 200,
    contentType: 'application/json',
    body: joinList(
      `{"kind":"${resource.kind}List","apiVersion":"${groupVersionText(resource)}","metadata":${metadata},"items":[`,
      items,
    ),
  };
}
