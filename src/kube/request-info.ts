import { badRequest, unknownPath, unsupportedMethod } from './status-error.ts';

export type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request addresses, read from its method and path as kube-apiserver reads them. */
export interface ResourceRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** '' outside of a namespace. */
  readonly namespace: string;
  /** '' for a collection. */
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource, from its slash on, still encoded (`/proxy/*`); '' if nothing. */
  readonly rest: string;
}

const METHODS: Record<string, [collection: Verb, object: Verb] | undefined> = {
  GET: ['list', 'get'],
  HEAD: ['list', 'get'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['deletecollection', 'delete'],
};

/** Subresources of a namespace; any other word there is a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Present with any value but 0 or false is true: Kubernetes' rule for boolean parameters. */
export function isTrue(query: URLSearchParams, parameter: string): boolean {
  const value = query.get(parameter);
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/**
 * Decodes a path into its segments, refusing what could address another place than it shows.
 * @throws BadRequest for a malformed escape; NotFound for an empty, `.` or `..` segment, a slash or a
 * NUL hidden in a segment, bytes that are not UTF-8
 */
export function pathSegments(path: string): string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  if (trimmed === '') return [];
  return trimmed.split('/').map((segment) => {
    const text = decodeSegment(segment);
    if (text === '' || text === '.' || text === '..' || text.includes('/') || text.includes('\0')) {
      throw unknownPath();
    }
    return text;
  });
}

function decodeSegment(segment: string): string {
  if (/%(?![0-9a-f]{2})/i.test(segment)) throw badRequest(`invalid path segment "${segment}"`);
  try {
    return decodeURIComponent(segment);
  } catch {
    throw unknownPath();
  }
}

/**
 * Reads `/api/v1/…` and `/apis/<group>/<version>/…`; undefined for a path that addresses no resource
 * (discovery, health). Deprecated `/watch/` forms are understood.
 * @throws NotFound when the path is deeper than any resource or hides another place,
 * MethodNotAllowed, BadRequest for a malformed escape
 */
export function parseResourceRequest(
  method: string,
  path: string,
  query: URLSearchParams,
): ResourceRequest | undefined {
  const proxied = splitAfterSubresource(path);
  const segments = pathSegments(proxied.path);
  const isCore = segments[0] === 'api';
  if (!isCore && segments[0] !== 'apis') return undefined;
  const head = isCore ? 2 : 3;
  let rest = segments.slice(head);
  if (rest.length === 0) return undefined;
  const watches = rest[0] === 'watch' && rest.length > 1;
  if (watches) rest = rest.slice(1);
  const place = readPlace(rest);
  if (!place) throw unknownPath();
  const verb = readVerb(method, { place, query, watches });
  return {
    verb,
    group: isCore ? '' : (segments[1] ?? ''),
    version: (isCore ? segments[1] : segments[2]) ?? '',
    ...place,
    rest: proxied.rest,
  };
}

const PROXY_TAIL =
  /^((?:\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/(?:pods|services|nodes)\/[^/]+\/proxy)(\/.*)$/;

/** What is proxied to a pod, service or node is not ours to read or to refuse. */
function splitAfterSubresource(path: string): { path: string; rest: string } {
  const match = PROXY_TAIL.exec(path);
  return match ? { path: match[1] ?? '', rest: match[2] ?? '' } : { path, rest: '' };
}

type Place = Pick<ResourceRequest, 'namespace' | 'resource' | 'name' | 'subresource'>;

function readPlace(rest: readonly string[]): Place | undefined {
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = rest;
  if (first === 'namespaces' && third !== '' && !NAMESPACE_SUBRESOURCES.has(third)) {
    return rest.length > 5
      ? undefined
      : { namespace: second, resource: third, name: fourth, subresource: fifth };
  }
  if (rest.length > 3) return undefined;
  const namespace = first === 'namespaces' ? second : '';
  return { namespace, resource: first, name: second, subresource: third };
}

function readVerb(
  method: string,
  { place, query, watches }: { place: Place; query: URLSearchParams; watches: boolean },
): Verb {
  const verbs = METHODS[method];
  if (!verbs) throw unsupportedMethod();
  const verb = place.name === '' ? verbs[0] : verbs[1];
  const mayWatch = verb === 'list' || (verb === 'get' && place.subresource === '');
  return mayWatch && (watches || isTrue(query, 'watch')) ? 'watch' : verb;
}
