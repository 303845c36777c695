import { readFacts, sliceAt, splitList } from '../bytes/index.ts';
import type { MemberFreshness } from '../informers/index.ts';
import {
  formatFieldSelector,
  formatLabelSelector,
  groupVersionText,
  includeObject,
  memberUnavailable,
  methodNotAllowed,
  negotiate,
  notFound,
  parseListOptions,
  qualify,
  resourcePath,
  splitName,
  toStatusError,
  type Accepted,
  type StatusError,
} from '../kube/index.ts';
import type { Member, MemberReply } from '../members/index.ts';
import { defaultPrinter } from '../printers/index.ts';
import { joinList, metadataListHead, metadataOnly } from './encoder.ts';
import { Renderer } from './render.ts';
import { liveColumns, liveRows, type MemberTable } from './live-table.ts';
import { ambiguous } from './locate.ts';
import { isStatus } from './member-call.ts';
import { selectObjects, type Selection } from './selection.ts';
import { type Answer, type ResourceAsk } from './view-request.ts';
import type { ViewsContext } from './views-context.ts';

/** One member's answer to a live read. */
interface LiveReply {
  readonly member: Member;
  readonly reply: MemberReply | undefined;
  readonly error: string | undefined;
}

/**
 * Reads a kind that can't be watched (metrics.k8s.io): every member is asked at once, each reply is
 * tagged, a member that does not answer in time is named.
 */
export async function answerLiveKind(ask: ResourceAsk, context: ViewsContext): Promise<Answer> {
  const { info, resource } = ask;
  if (info.verb === 'list') return listLive(ask, context);
  if (info.verb === 'get' && info.subresource === '') return getLive(ask, context);
  throw methodNotAllowed(resource, info.verb);
}

async function getLive(ask: ResourceAsk, context: ViewsContext): Promise<Answer> {
  const { info, resource, view } = ask;
  const accepted = negotiate(ask.headers.accept, 'one');
  const { name, cluster } = splitName(info.name, context.kinds.isMember);
  const clusters = cluster === '' ? resource.members : [cluster];
  const object = resourcePath(resource, { namespace: info.namespace, name });
  const path = `${object}${queryText(rowsOf(ask, accepted))}`;
  const replies = await askMembers(ask, context, { clusters, pathAt: () => path, accepted });
  const found = replies.filter(isGood);
  const [only] = found;
  const isPlain = view.naming === 'Plain';
  const choices = found.map(({ member }) => (isPlain ? member.name : qualify(name, member.name)));
  if (cluster === '' && !isPlain) throw notFound(resource, info.name, choices);
  if (found.length > 1) throw ambiguous(info, choices);
  if (!only?.reply) throw unanswered(replies) ?? notFound(resource, info.name);
  const shaping = shapingOf(ask, context, accepted);
  const body =
    accepted.as === 'Table'
      ? tableOf([only], ask, '{}')
      : [tagLive(only.reply.body, { ...shaping, cluster: only.member.name })];
  return { statusCode: 200, contentType: 'application/json', body };
}

/** A member that did not answer may have the object. */
function unanswered(replies: readonly LiveReply[]): StatusError | undefined {
  const silent = replies.find(({ error }) => error !== undefined);
  return silent && memberUnavailable(silent.member.name, silent.error ?? '');
}

async function listLive(ask: ResourceAsk, context: ViewsContext): Promise<Answer> {
  const { info, resource, view } = ask;
  const accepted = negotiate(ask.headers.accept, 'list');
  const options = parseListOptions(ask.query);
  const selection = selectObjects({
    view,
    resource,
    namespace: '',
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    clusters: resource.members,
    isMember: context.kinds.isMember,
    customFields: [],
  });
  const collection = resourcePath(resource, { namespace: info.namespace });
  const rows = rowsOf(ask, accepted);
  const pathAt = (cluster: string): string =>
    `${collection}${queryText({ ...rows, ...selectorsAt(cluster, selection) })}`;
  const { clusters } = selection;
  const replies = await askMembers(ask, context, { clusters, pathAt, accepted });
  const metadata = JSON.stringify({ resourceVersion: String(context.clock.latest) });
  const body =
    accepted.as === 'Table'
      ? tableOf(replies, ask, metadata)
      : listOf(replies, { ...shapingOf(ask, context, accepted), metadata });
  return {
    statusCode: 200,
    contentType: 'application/json',
    body,
    freshness: [...replies.flatMap(missingMember), ...context.kinds.unknown(selection)],
  };
}

function selectorsAt(cluster: string, selection: Selection): Record<string, string> {
  const labelSelector = formatLabelSelector(selection.labels);
  const fieldSelector = formatFieldSelector(selection.fieldsAt(cluster));
  return {
    ...(labelSelector !== '' && { labelSelector }),
    ...(fieldSelector !== '' && { fieldSelector }),
  };
}

/** What a Table's rows are to carry is the members' to know. */
function rowsOf({ query }: ResourceAsk, { as }: Accepted): Record<string, string> {
  return as === 'Table' ? { includeObject: includeObject(query) } : {};
}

function queryText(parameters: Record<string, string>): string {
  const query = new URLSearchParams(parameters);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function missingMember({ member, error }: LiveReply): MemberFreshness[] {
  return error === undefined
    ? []
    : [{ cluster: member.name, state: 'missing', ageMs: undefined, lastError: error }];
}

interface LiveQuestion {
  readonly clusters: readonly string[];
  readonly pathAt: (cluster: string) => string;
  readonly accepted: Accepted;
}

async function askMembers(
  ask: ResourceAsk,
  context: ViewsContext,
  { clusters, pathAt, accepted }: LiveQuestion,
): Promise<LiveReply[]> {
  const accept =
    accepted.as === 'Table'
      ? `application/json;as=Table;g=meta.k8s.io;v=${accepted.version}`
      : 'application/json';
  const members = clusters.flatMap((cluster) => context.fleet.get(cluster) ?? []);
  return Promise.all(
    members.map(async (member) => {
      try {
        const reply = await member.fetch({
          method: 'GET',
          path: pathAt(member.name),
          headers: { accept },
          timeoutMs: context.deadlineMs,
          signal: ask.signal,
        });
        return { member, reply, error: faultOf(reply, { accepted, isList: ask.info.name === '' }) };
      } catch (thrown) {
        return { member, reply: undefined, error: toStatusError(thrown).message };
      }
    }),
  );
}

/** What is wrong with a member's answer: its nonsense must not spoil what the others say. */
function faultOf(
  reply: MemberReply,
  expected: { readonly accepted: Accepted; readonly isList: boolean },
): string | undefined {
  const { statusCode } = reply;
  if (statusCode === 404 && isStatus(reply)) return undefined;
  if (statusCode !== 200) return `it answered ${statusCode}`;
  return isReadable(reply, expected) ? undefined : 'its answer can not be read';
}

function isReadable(
  { body }: MemberReply,
  { accepted, isList }: { readonly accepted: Accepted; readonly isList: boolean },
): boolean {
  try {
    if (accepted.as === 'Table') return isTable(parseTable(body));
    if (!isList) return readFacts(body).name !== '';
    for (const item of splitList(body).items) readFacts(item);
    return true;
  } catch {
    return false;
  }
}

function isTable({ columnDefinitions, rows }: MemberTable): boolean {
  const isList = (value: unknown): boolean => value === undefined || Array.isArray(value);
  return columnDefinitions !== undefined && isList(columnDefinitions) && isList(rows);
}

/** Whether a member answered with what was asked for. */
function isGood({ reply, error }: LiveReply): boolean {
  return error === undefined && reply?.statusCode === 200;
}

interface Shaping {
  readonly resource: ResourceAsk['resource'];
  readonly renderer: Renderer;
  /** No cache holds such an object: its version is that of the whole view. */
  readonly version: string;
  readonly accepted: Accepted;
}

function shapingOf(
  { view, resource }: ResourceAsk,
  { clock }: ViewsContext,
  accepted: Accepted,
): Shaping {
  const renderer = new Renderer(view, resource);
  return { resource, renderer, version: String(clock.latest), accepted };
}

function listOf(
  replies: readonly LiveReply[],
  { metadata, ...shaping }: Shaping & { readonly metadata: string },
): Iterable<Buffer> {
  const { resource } = shaping;
  const { as, version } = shaping.accepted;
  const items = replies.filter(isGood).flatMap(({ member, reply }) => {
    const own = reply ? splitList(reply.body).items : [];
    return own.map((item) => tagLive(item, { ...shaping, cluster: member.name }));
  });
  const head =
    as === 'PartialObjectMetadata'
      ? metadataListHead(metadata, version)
      : `{"kind":"${resource.kind}List","apiVersion":"${groupVersionText(resource)}","metadata":${metadata},"items":[`;
  return joinList(head, items);
}

function tagLive(
  body: Buffer,
  { renderer, version, accepted, cluster }: Shaping & { readonly cluster: string },
): Buffer {
  const memberVersion = readFacts(body).resourceVersion;
  const tagged = renderer.tag(body, { cluster, version, memberVersion });
  if (accepted.as !== 'PartialObjectMetadata') return tagged;
  return metadataOnly(sliceAt(tagged, ['metadata']) ?? Buffer.from('{}'), accepted.version);
}

function tableOf(
  replies: readonly LiveReply[],
  { view }: ResourceAsk,
  metadata: string,
): Iterable<Buffer> {
  const tables = replies
    .filter(isGood)
    .flatMap(({ member, reply }) =>
      reply ? [{ cluster: member.name, table: parseTable(reply.body) }] : [],
    );
  const columns = tables[0]?.table.columnDefinitions ?? defaultPrinter.columns;
  const rows = tables.flatMap(({ cluster, table }) => liveRows(table, { columns, cluster, view }));
  return joinList(
    `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${metadata},"columnDefinitions":${JSON.stringify(liveColumns(columns))},"rows":[`,
    rows,
  );
}

function parseTable(body: Buffer): MemberTable {
  return JSON.parse(body.toString('utf8')) as MemberTable;
}
