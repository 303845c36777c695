import { readFacts, readPaths } from '../bytes/index.ts';
import type { StoredObject } from '../informers/index.ts';
import { objectKey } from '../informers/index.ts';
import { memberUnavailable, resourcePath, type StatusError } from '../kube/index.ts';
import type { Member, MemberReply } from '../members/index.ts';
import type { KindInView } from './kinds.ts';

/** How long a member may take for what must be live. */
export interface CallLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An object at a member: where its live state is asked for. */
export interface MemberObject {
  readonly member: Member;
  readonly namespace: string;
  readonly name: string;
}

/** Whether a reply is an object of the kind: those are taken into the cache before they are served. */
export function isObjectOf(kind: KindInView, reply: MemberReply): boolean {
  if (reply.statusCode >= 300) return false;
  const [replied] = readReply(reply, KIND);
  return replied === kind.resource.kind;
}

/** Whether a reply is what a Kubernetes API says when it has no object to show. */
export function isStatus(reply: MemberReply): boolean {
  return readReply(reply, KIND)[0] === 'Status';
}

const KIND: readonly (readonly string[])[] = [['kind']];

/** Values of a reply's JSON. A reply that is not JSON reads as empty. */
export function readReply(reply: MemberReply, paths: readonly (readonly string[])[]): string[] {
  try {
    return readPaths(reply.body, paths);
  } catch {
    return paths.map(() => '');
  }
}

/**
 * Takes a member's reply into the cache.
 * @throws ServiceUnavailable when the member's answer is not the object that it claims to be
 */
export function ingestReply(kind: KindInView, member: Member, reply: MemberReply): StoredObject {
  const body = reply.body.subarray(0, reply.body.lastIndexOf(0x7d) + 1);
  try {
    const facts = readFacts(body);
    return (
      kind.informer.cache.ingest(member.name, body, { facts }) ?? deletedSince(kind, member, body)
    );
  } catch (thrown) {
    throw memberUnavailable(
      member.name,
      'its answer can not be read; ask it directly to see what it says',
      thrown,
    );
  }
}

/** Deleted while the reply was on its way: shown as it was, under the newest version. */
function deletedSince({ informer }: KindInView, member: Member, bytes: Buffer): StoredObject {
  const facts = readFacts(bytes);
  return {
    cluster: member.name,
    namespace: facts.namespace,
    name: facts.name,
    uid: facts.uid,
    memberVersion: facts.resourceVersion,
    version: informer.cache.latest,
    labels: facts.labels,
    bytes,
  };
}

/** Asks a member for one object. */
export async function fetchObject(
  kind: KindInView,
  { member, namespace, name }: MemberObject,
  { timeoutMs, signal }: CallLimits,
): Promise<MemberReply> {
  const path = resourcePath(kind.resource, { namespace, name });
  return member.fetch({
    method: 'GET',
    path,
    headers: { accept: 'application/json' },
    timeoutMs,
    signal,
  });
}

/**
 * Our version of an object at the member's version: from the cache if it holds just that, else the
 * object is asked for and taken in first, since nothing leaves unstamped.
 */
export async function versionAt(
  kind: KindInView,
  object: MemberObject & { readonly memberVersion: string },
  limits: CallLimits,
): Promise<bigint> {
  const cached = kind.informer.cache.get(object.member.name, objectKey(object));
  if (cached?.memberVersion === object.memberVersion) return cached.version;
  const reply = await fetchObject(kind, object, limits);
  if (isObjectOf(kind, reply)) return ingestReply(kind, object.member, reply).version;
  return cached?.version ?? kind.informer.cache.latest;
}

/** Whether an error says that the member could not be asked at all. */
export function isUnreachable(error: StatusError): boolean {
  return error.reason === 'ServiceUnavailable' || error.reason === 'Timeout';
}
