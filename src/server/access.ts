import type { Access } from '../identity/index.ts';
import { StatusError, parseResourceRequest } from '../kube/index.ts';
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

/**
 * What a request wants, in the words that rights are given in.
 * @throws NotFound or BadRequest for a path that addresses nothing, MethodNotAllowed for odd methods
 */
export function accessOf(route: Route, method: string, query: URLSearchParams): Access {
  switch (route.kind) {
    case 'member':
      return proxyAccess(['cluster.karmada.io', 'clusters', route.member], method);
    case 'view':
      return route.view === KARMADA_VIEW
        ? proxyAccess(['search.karmada.io', 'proxying', KARMADA_VIEW], method)
        : proxyAccess(['flotilla.io', 'views', route.view], method);
    case 'root':
      return ownAccess(method, route.path, query);
  }
}

function proxyAccess(
  [group, resource, name]: readonly [string, string, string],
  method: string,
): Access {
  const verb = PROXY_VERBS[method];
  if (verb === undefined) throw oddMethod();
  const place = { version: 'v1alpha1', subresource: 'proxy', namespace: '' };
  return { kind: 'resource', verb, group, resource, name, ...place };
}

function ownAccess(method: string, path: string, query: URLSearchParams): Access {
  if (!OWN_METHODS.has(method)) throw oddMethod();
  const request = parseResourceRequest(method, path, query);
  if (!request) return { kind: 'path', verb: method.toLowerCase(), path };
  const { verb, group, version, resource, subresource, namespace, name } = request;
  return { kind: 'resource', verb, group, version, resource, subresource, namespace, name };
}

function oddMethod(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError('MethodNotAllowed', message, { details: {} });
}
