import { StatusError, badRequest } from '../kube/index.ts';
import type { Fleet, Member } from '../members/index.ts';

/**
 * The member that a request addresses.
 * @throws NotFound listing the members there are
 */
export function memberOf(fleet: Fleet, name: string): Member {
  const member = fleet.get(name);
  if (member) return member;
  throw unknownName(
    { group: 'cluster.karmada.io', kind: 'clusters' },
    { name, known: fleet.members.map((one) => one.name) },
  );
}

/** 404 of something that is addressed through, with what could have been meant. */
export function unknownName(
  { group, kind }: { group: string; kind: string },
  { name, known }: { name: string; known: readonly string[] },
): StatusError {
  const causes = known.map((choice) => ({
    reason: 'Choice',
    message: choice,
    field: 'metadata.name',
  }));
  const there = known.length > 0 ? `there are ${known.join(', ')}` : 'there are none';
  return new StatusError('NotFound', `${kind}.${group} "${name}" not found: ${there}`, {
    details: { name, group, kind, causes },
  });
}

const DOT_SEGMENT = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i;

/**
 * The path and query to ask the member for, exactly as they came.
 * @throws BadRequest for dot segments towards a member below a path of its server: what stands
 * beside the member there is not the client's to reach with the member's credentials
 */
export function memberTarget(member: Member, path: string, rawQuery: string): string {
  const isBelowPath = member.server.pathname !== '/' && member.server.pathname !== '';
  if (isBelowPath && DOT_SEGMENT.test(path.replace(/%2f|%5c/gi, '/'))) {
    throw badRequest(`the path ${path.slice(0, 200)} has dot segments`);
  }
  return rawQuery === '' ? path : `${path}?${rawQuery}`;
}
