import type { Access } from '../identity/index.ts';
import {
  StatusError,
  parseFieldSelector,
  parseResourceRequest,
  type ResourceRequest,
} from '../kube/index.ts';
import { isSelfReview } from '../views/index.ts';
import { KARMADA_VIEW, type Route } from './route.ts';

/** RBAC's verb for each method on what is proxied. */
const PROXY_VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  OPTIONS: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const OWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** They run programs or carry any request: more than reading, though a GET may open them. */
const CONNECTING = new Set(['exec', 'attach', 'portforward', 'proxy']);

/**
 * What a request wants, in the words that rights are given in.
 * @throws NotFound or BadRequest for a path that addresses nothing, MethodNotAllowed for odd methods
 */
export function accessOf(route: Route, method: string, query: URLSearchParams): Access {
  switch (route.kind) {
    case 'member':
      return memberAccess(route.member, memberVerb(method, route.path, query));
    case 'view':
      return viewAccess(route.view, viewVerb(method, route.path, query));
    case 'root':
      return ownAccess(method, route.path, query);
  }
}

/** The right to use a verb below a view's path: it is a right on the view's subresource proxy. */
export function viewAccess(view: string, verb: string): Access {
  return view === KARMADA_VIEW
    ? proxyAccess(['search.karmada.io', 'proxying', KARMADA_VIEW], verb)
    : proxyAccess(['flotilla.io', 'views', view], verb);
}

function memberAccess(member: string, verb: string): Access {
  return proxyAccess(['cluster.karmada.io', 'clusters', member], verb);
}

function proxyAccess(
  [group, resource, name]: readonly [group: string, resource: string, name: string],
  verb: string,
): Access {
  const place = { version: 'v1alpha1', subresource: 'proxy', namespace: '' };
  return { kind: 'resource', verb, group, resource, name, ...place };
}

/** A member is one thing to the host: the method tells the verb, as the host reads it. */
function memberVerb(method: string, path: string, query: URLSearchParams): string {
  const verb = methodVerb(method);
  return isConnecting(method, path, query) ? 'create' : verb;
}

/** A path that we can't read may still mean something to the member: then any word of it counts. */
function isConnecting(method: string, path: string, query: URLSearchParams): boolean {
  try {
    const request = parseResourceRequest(method === 'OPTIONS' ? 'GET' : method, path, query);
    return request !== undefined && CONNECTING.has(request.subresource);
  } catch {
    return path.split(/\/|%2f/i).some((segment) => CONNECTING.has(decoded(segment)));
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The verb of the request itself; asking for one's own rights is reading. */
function viewVerb(method: string, path: string, query: URLSearchParams): string {
  const verb = methodVerb(method);
  if (method === 'OPTIONS') return verb;
  const request = parseResourceRequest(method, path, query);
  if (!request) return verb;
  if (CONNECTING.has(request.subresource)) return 'create';
  return isSelfReview(request) ? 'get' : request.verb;
}

function methodVerb(method: string): string {
  const verb = PROXY_VERBS[method];
  if (verb === undefined) throw oddMethod();
  return verb;
}

function ownAccess(method: string, path: string, query: URLSearchParams): Access {
  if (!OWN_METHODS.has(method)) throw oddMethod();
  const request = parseResourceRequest(method, path, query);
  if (!request) return { kind: 'path', verb: method.toLowerCase(), path };
  const { verb, group, version, resource, subresource, namespace } = request;
  const name = request.name === '' ? selectedName(request, query) : request.name;
  return { kind: 'resource', verb, group, version, resource, subresource, namespace, name };
}

/** A list or watch of one name is about that object: rights on it alone are enough. */
function selectedName({ verb }: ResourceRequest, query: URLSearchParams): string {
  const selector = query.get('fieldSelector');
  if (selector === null || !['list', 'watch', 'deletecollection'].includes(verb)) return '';
  const requirements = parseFieldSelector(selector);
  const name = requirements.find(({ field, negated }) => field === 'metadata.name' && !negated);
  return name?.value ?? '';
}

function oddMethod(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError('MethodNotAllowed', message, { details: {} });
}
