/** A request for a discovery or OpenAPI document, below a view's prefix. */
export interface DocumentRequest {
  /** Still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** The answer to one, ready to be sent. */
export interface DocumentResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Whether an If-None-Match header names this ETag (quoted). */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const named = ifNoneMatch.split(',').map((text) => text.trim().replace(/^W\//, ''));
  return named.includes(etag) || named.includes('*');
}

/** The answer to one whose ETag the client has already. */
export function notModified(headers: Readonly<Record<string, string>>): DocumentResponse {
  return { statusCode: 304, headers, body: Buffer.alloc(0) };
}
