import { splitList } from '../bytes/index.ts';
import {
  CLUSTER_LABEL,
  formatFieldSelector,
  formatLabelSelector,
  groupVersionText,
  memberUnavailable,
  parseFieldSelector,
  parseLabelSelector,
  resourcePath,
  splitName,
  StatusError,
  toStatusError,
  type StatusCause,
} from '../kube/index.ts';
import type { Member, MemberReply } from '../members/index.ts';
import { translateBody } from '../translation/index.ts';
import type { KindInView } from './kinds.ts';
import { checkIsKnown } from './locate.ts';
import { readReply } from './member-call.ts';
import { selectObjects } from './selection.ts';
import { jsonAnswer, type Answer, type ResourceAsk } from './view-request.ts';
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
  const labelSelector = parseLabelSelector(ask.query.get('labelSelector') ?? '');
  const fieldSelector = parseFieldSelector(ask.query.get('fieldSelector') ?? '');
  if (!labelSelector.some(({ key }) => key === CLUSTER_LABEL)) {
    const hint = `nothing in members was deleted: select them with -l ${CLUSTER_LABEL}=CLUSTER`;
    return { ...emptyList(kind, context), warnings: [hint] };
  }
  const selection = selectObjects({
    view: kind.view,
    resource: kind.resource,
    namespace: ask.info.namespace,
    labelSelector,
    fieldSelector,
    clusters: kind.resource.members,
    isMember: context.kinds.isMember,
    customFields: await context.catalog.selectableFields(kind.resource),
  });
  for (const cluster of context.catalog.unknownMembers())
    if (selection.selects(cluster)) checkIsKnown(cluster, context);
  const members = selection.clusters.flatMap((cluster) => context.fleet.get(cluster) ?? []);
  await allAnswer(members, kind, ask, context);
  const plainFields = fieldSelector.map((term) => ({
    ...term,
    value: splitName(term.value, context.kinds.isMember).name,
  }));
  const selectors = {
    labelSelector: formatLabelSelector(selection.labels),
    fieldSelector: formatFieldSelector(plainFields),
  };
  const body = await ask.readBody();
  const results = await Promise.allSettled(
    members.map(async (member) => deleteAt(member, ask, kind, { body, selectors, context })),
  );
  const causes = results.flatMap((result, index): StatusCause[] =>
    result.status === 'rejected'
      ? [
          {
            reason: toStatusError(result.reason).reason,
            message: toStatusError(result.reason).message,
            field: members[index]?.name ?? '',
          },
        ]
      : [],
  );
  if (causes.length > 0) throw partialFailure(causes, kind);
  return emptyList(kind, context);
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
  readonly selectors: { readonly labelSelector: string; readonly fieldSelector: string };
  readonly context: ViewsContext;
}

async function deleteAt(
  member: Member,
  ask: ResourceAsk,
  kind: KindInView,
  { body, selectors, context }: CollectionDelete,
): Promise<void> {
  const query = new URLSearchParams(ask.query);
  for (const [parameter, value] of Object.entries(selectors)) {
    if (value === '') query.delete(parameter);
    else query.set(parameter, value);
  }
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
  if (readReply(reply, KIND)[0] !== 'Status') splitList(reply.body);
}

const KIND: readonly (readonly string[])[] = [['kind']];
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

function emptyList({ resource }: KindInView, { clock }: ViewsContext): Answer {
  return jsonAnswer({
    kind: `${resource.kind}List`,
    apiVersion: groupVersionText(resource),
    metadata: { resourceVersion: String(clock.latest) },
    items: [],
  });
}
