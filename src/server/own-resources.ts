import {
  badRequest,
  expired,
  includeObject,
  methodNotAllowed,
  negotiate,
  notFound,
  parseListOptions,
  parseRequestedVersion,
  unknownPath,
  type ListOptions,
  type ResourceRequest,
} from '../kube/index.ts';
import type { Exchange } from './exchange.ts';
import type { OwnCollection } from './own-collection.ts';
import { selection } from './own-selection.ts';
import { tooLarge, watchOwn } from './own-watch.ts';
import { formatBody, renderList, renderObject, type Look } from './render-own.ts';
import { respond } from './respond.ts';

export interface OwnRequest {
  readonly exchange: Exchange;
  readonly request: ResourceRequest;
  readonly collection: OwnCollection;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Answers reads and watches of a kind of ours.
 * @throws NotFound, MethodNotAllowed, and what list options and content negotiation throw
 */
export async function serveOwnResource(own: OwnRequest): Promise<void> {
  const { request, collection } = own;
  const { group, plural: resource } = collection.definition;
  if (request.subresource !== '') throw unknownPath();
  if (request.namespace !== '') throw unknownPath();
  switch (request.verb) {
    case 'list':
      serveList(own);
      return;
    case 'get':
      serveGet(own);
      return;
    case 'watch':
      await watchOwn(own.exchange, { collection, name: request.name, look: lookAt(own, 'watch') });
      return;
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
    case 'deletecollection':
      throw methodNotAllowed({ group, resource }, request.verb);
  }
}

function lookAt({ exchange, now }: OwnRequest, answer: 'one' | 'list' | 'watch'): () => Look {
  const accepted = negotiate(exchange.req.headers.accept, answer);
  const include = accepted.as === 'Table' ? includeObject(exchange.query) : 'Metadata';
  return () => ({ accepted, include, now: now() });
}

function serveList(own: OwnRequest): void {
  const { collection, exchange } = own;
  const look = lookAt(own, 'list')();
  const options = parseListOptions(exchange.query);
  checkVersion(options, collection.version);
  const selects = selection(options.labelSelector, options.fieldSelector);
  const objects = collection.list().filter(selects);
  const resourceVersion = String(collection.version);
  const list = renderList({ definition: collection.definition, objects, resourceVersion }, look);
  answer(exchange, list, look);
}

/** The list is always the newest one, whole: no page is ever handed out that a token could continue. */
function checkVersion(options: ListOptions, current: bigint): void {
  if (options.continueToken !== '')
    throw badRequest('invalid continue token: continue key is not valid');
  const wanted = options.resourceVersion ?? 0n;
  if (wanted > current) throw tooLarge(wanted, current);
  const isExact = options.resourceVersionMatch === 'Exact';
  if (isExact && wanted < current) throw expired(`the resource version ${wanted} is not kept`);
}

function serveGet(own: OwnRequest): void {
  const { collection, exchange, request } = own;
  const look = lookAt(own, 'one')();
  const wanted = parseRequestedVersion(exchange.query.get('resourceVersion') ?? '') ?? 0n;
  if (wanted > collection.version) throw tooLarge(wanted, collection.version);
  const { group, plural: resource } = collection.definition;
  const object = collection.get(request.name);
  if (!object) {
    throw notFound({ group, resource }, request.name);
  }
  answer(exchange, renderObject(collection.definition, object, { look }), look);
}

function answer(exchange: Exchange, value: object, { accepted }: Look): void {
  const { mediaType } = accepted;
  respond(exchange, {
    statusCode: 200,
    headers: { 'Content-Type': mediaType },
    body: formatBody(value, mediaType),
  });
}
