import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { badRequest } from '../kube/index.ts';

/** The view that merges all members; always there. */
export const ALL_VIEW = 'all';
/** The view that is this server's own API, so that it can be reached below a path. */
export const CONTROL_PLANE_VIEW = 'control-plane';
/** How the handler of views knows Karmada's path: view `all` with plain names. */
export const KARMADA_VIEW = 'karmada';

/** Where a request goes; `path` is what remains, raw, and begins with '/'. */
export type Route =
  | { readonly kind: 'root'; readonly path: string }
  | { readonly kind: 'member'; readonly member: string; readonly path: string }
  | { readonly kind: 'view'; readonly view: string; readonly path: string };

/** What a request's first line addresses. */
export interface Target {
  readonly path: string;
  /** Without its question mark; '' for none. */
  readonly rawQuery: string;
}

/**
 * Reads the request target: origin form, and the absolute form that HTTP/1.1 servers must take.
 * @throws BadRequest for any other form
 */
export function readTarget(url: string): Target {
  const origin = url.startsWith('/') ? url : withoutAuthority(url);
  const mark = origin.indexOf('?');
  return mark < 0
    ? { path: origin, rawQuery: '' }
    : { path: origin.slice(0, mark), rawQuery: origin.slice(mark + 1) };
}

/** Pairs that kube-apiserver does not read are not there: the same request then means the same here. */
export function readQuery(rawQuery: string): URLSearchParams {
  const isRead = (pair: string): boolean => !/;|%(?![0-9a-f]{2})/i.test(pair);
  return new URLSearchParams(rawQuery.split('&').filter(isRead).join('&'));
}

function withoutAuthority(url: string): string {
  const match = /^https?:\/\/[^/?#]+([^#]*)/i.exec(url);
  if (!match) throw badRequest(`the request target "${url.slice(0, 200)}" is not understood`);
  const rest = match[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const MEMBER_PATH = /^\/apis\/cluster\.karmada\.io\/v1alpha1\/clusters\/([^/]+)\/proxy(\/.*)?$/;
const VIEW_PATH = /^\/apis\/flotilla\.io\/v1alpha1\/views\/([^/]+)\/proxy(\/.*)?$/;
const KARMADA_PATH = /^\/apis\/search\.karmada\.io\/v1alpha1\/proxying\/karmada\/proxy(\/.*)?$/;
const SERVER_NAME = /^([a-z0-9-]+)\.(member|view)\.flotilla$/;

/**
 * Chooses by the TLS server name first, then by the raw path. Nothing is decoded: a member gets
 * the bytes that the client sent.
 */
export function findRoute(serverName: string, path: string): Route {
  const [, name = '', kind = ''] = SERVER_NAME.exec(serverName) ?? [];
  if (kind === 'member') return { kind: 'member', member: name, path };
  if (kind === 'view' && name !== CONTROL_PLANE_VIEW) return { kind: 'view', view: name, path };
  return routeByPath(path) ?? { kind: 'root', path };
}

/** The control plane's view leads to this server's own API once, not within itself. */
function routeByPath(path: string): Route | undefined {
  const route = matchPath(path);
  if (route?.kind !== 'view' || route.view !== CONTROL_PLANE_VIEW) return route;
  return matchPath(route.path) ?? { kind: 'root', path: route.path };
}

function matchPath(path: string): Route | undefined {
  const member = MEMBER_PATH.exec(path);
  if (member) return { kind: 'member', member: member[1] ?? '', path: member[2] ?? '/' };
  const view = VIEW_PATH.exec(path);
  if (view) return { kind: 'view', view: view[1] ?? '', path: view[2] ?? '/' };
  const karmada = KARMADA_PATH.exec(path);
  if (karmada) return { kind: 'view', view: KARMADA_VIEW, path: karmada[1] ?? '/' };
  return undefined;
}

/** The name that the client asked for in the TLS handshake; '' for none. */
export function serverNameOf(req: IncomingMessage): string {
  const name = (req.socket as Partial<TLSSocket>).servername;
  return typeof name === 'string' ? name.toLowerCase() : '';
}
