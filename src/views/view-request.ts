import type { IncomingHttpHeaders } from 'node:http';
import type { ServedResource } from '../catalog/index.ts';
import type { MemberFreshness } from '../informers/index.ts';
import type { ResourceRequest } from '../kube/index.ts';
import type { Member } from '../members/index.ts';
import type { View } from './view.ts';

/** Who asks, as far as views answer it themselves (reviews of one's own rights). */
export interface Asker {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** One request below a view's path, after authentication and authorization. */
export interface ViewRequest {
  readonly view: View;
  readonly method: string;
  /** Raw, below the view's prefix, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly user: Asker;
  /** Reads the whole body. @throws RequestEntityTooLarge past the limit */
  readonly readBody: () => Promise<Buffer>;
  /** Aborted when the client is gone or the server closes. */
  readonly signal: AbortSignal;
}

/** A request for a resource, with the kind that it is for. */
export interface ResourceAsk extends ViewRequest {
  readonly info: ResourceRequest;
  readonly resource: ServedResource;
}

/**
 * The namespace that a request's objects are in. A Namespace counts as one in its path, and is in
 * none itself.
 */
export function namespaceOf({ info, resource }: Pick<ResourceAsk, 'info' | 'resource'>): string {
  return resource.namespaced ? info.namespace : '';
}

/** An answer to be written piece by piece. */
export interface Answer {
  readonly statusCode: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Iterable<Buffer> | AsyncIterable<Buffer>;
  /** A watch: flushed at once, never compressed. */
  readonly isStream?: boolean;
  /** How current the members are that it was made from. */
  readonly freshness?: readonly MemberFreshness[];
  readonly warnings?: readonly string[];
}

/** A request to be handed to a member as it is, under another path. */
export interface Passage {
  readonly member: Member;
  /** Raw path and query at the member. */
  readonly path: string;
}

/** A JSON answer of a few bytes. */
export function jsonAnswer(body: unknown, statusCode = 200): Answer {
  return {
    statusCode,
    contentType: 'application/json',
    body: [Buffer.from(`${JSON.stringify(body)}\n`)],
  };
}

/** A body that is there whole. */
export function wholeAnswer(
  body: Buffer,
  { statusCode = 200, contentType = 'application/json' } = {},
): Answer {
  return { statusCode, contentType, body: [body] };
}
