import { StatusError, unknownPath } from '../kube/index.ts';

import {
  matchesEtag,
  notModified,
  type DocumentRequest,
  type DocumentResponse,
} from './catalog-answer.ts';
import { mergeJson, type MergeRule } from './merge-json.ts';
import { mergeProtobuf, type ProtobufRule } from './merge-protobuf.ts';
import { notAcceptable, openApiEncodings, openApiProtobuf } from './negotiate-document.ts';
import { digestOf, v2Id, type OpenApiContents } from './openapi-contents.ts';
import type { OpenApiReader } from './openapi-reader.ts';
import { raceTimeout } from './race-timeout.ts';

/** How long a client that asks for what nobody has fetched yet is kept waiting. */
const FIRST_ANSWER_MS = 15_000;
const YEAR_MS = 365 * 24 * 3_600_000;

/** The place of an OpenAPI document. */
export type OpenApiPlace =
  | { readonly document: 'v2' | 'v3' }
  /** `apis/apps/v1` */
  | { readonly document: 'v3 part'; readonly part: string };

/** Undefined when the path is not one of an OpenAPI document. */
export function openApiPlace(path: string): OpenApiPlace | undefined {
  if (path === '/openapi/v2') return { document: 'v2' };
  if (path === '/openapi/v3') return { document: 'v3' };
  const prefix = '/openapi/v3/';
  return path.startsWith(prefix)
    ? { document: 'v3 part', part: path.slice(prefix.length) }
    : undefined;
}

const V2_JSON: MergeRule = {
  paths: {},
  definitions: {},
  parameters: {},
  responses: {},
  securityDefinitions: {},
};
const V3_JSON: MergeRule = { paths: {}, components: { '*': {} } };

/** Fields of openapi.v2.Document that hold named entries: paths, definitions, parameters, responses, security. */
const V2_PROTOBUF: ProtobufRule = {
  messages: {
    8: { named: 2 },
    9: { named: 1 },
    10: { named: 1 },
    11: { named: 1 },
    12: { named: 1 },
  },
};
/** Of openapi.v3.Document: paths, and components with its nine kinds of entries. */
const V3_PROTOBUF: ProtobufRule = {
  messages: {
    4: { named: 1 },
    5: {
      messages: Object.fromEntries(
        Array.from({ length: 9 }, (_, index) => [index + 1, { named: 1 }]),
      ),
    },
  },
};

export interface OpenApiDocumentsDependencies {
  /** Of all members, newest first. */
  readonly readers: () => readonly OpenApiReader[];
  readonly contents: OpenApiContents;
  readonly now: () => number;
}

/** Writes the fleet's OpenAPI documents: the members' own bytes where they agree, else their union. */
export class OpenApiDocuments {
  readonly #deps: OpenApiDocumentsDependencies;

  constructor(deps: OpenApiDocumentsDependencies) {
    this.#deps = deps;
  }

  /** @throws NotFound, NotAcceptable; ServiceUnavailable when no member has shown the document yet */
  async answer(place: OpenApiPlace, request: DocumentRequest): Promise<DocumentResponse> {
    switch (place.document) {
      case 'v2':
        return this.#v2(request);
      case 'v3':
        return this.#index(request);
      case 'v3 part':
        return this.#part(place.part, request);
    }
  }

  #index({ ifNoneMatch }: DocumentRequest): DocumentResponse {
    const readers = this.#deps.readers();
    const parts = new Set(readers.flatMap(({ places }) => [...places]));
    const entries = [...parts].sort().map((part) => {
      const held = heldOf(readers, part);
      const listed = readers
        .map((reader) => reader.listed(part))
        .find((hash) => hash !== undefined);
      const hash = encodeURIComponent(held.length > 0 ? combined(held) : (listed ?? ''));
      return [part, { serverRelativeURL: `/openapi/v3/${part}?hash=${hash}` }];
    });
    const body = Buffer.from(JSON.stringify({ paths: Object.fromEntries(entries) as object }));
    const etag = `"${digestOf(body)}"`;
    const headers = {
      'cache-control': 'no-cache, private',
      'content-type': 'application/json',
      etag,
    };
    if (matchesEtag(ifNoneMatch, etag)) return notModified(headers);
    return { statusCode: 200, headers, body };
  }

  async #part(part: string, request: DocumentRequest): Promise<DocumentResponse> {
    const digests = await this.#partDigests(part);
    const hash = combined(digests);
    const etag = `"${hash}"`;
    const asked = request.query.get('hash');
    if (asked !== null && asked !== '' && asked !== hash) {
      // Relative to the request, so that it stays below the view's prefix.
      const headers = { etag, vary: 'Accept', location: `?hash=${hash}` };
      return { statusCode: 301, headers, body: Buffer.alloc(0) };
    }
    const caching: Record<string, string> =
      asked === hash
        ? {
            'cache-control': 'public, immutable',
            expires: new Date(this.#deps.now() + YEAR_MS).toUTCString(),
          }
        : { 'cache-control': 'no-cache, private' };
    return this.#encoded('v3', request, {
      headers: { ...caching, etag, vary: 'Accept' },
      json: async () => this.#mergedJson(`v3 ${hash}`, digests, V3_JSON),
      protobuf: async () => this.#partProtobuf(part, digests),
    });
  }

  /** What members hold of a part; fetched now when none does. */
  async #partDigests(part: string): Promise<string[]> {
    const readers = this.#deps.readers();
    const held = heldOf(readers, part);
    if (held.length > 0) return held;
    const listing = readers.filter((reader) => reader.listed(part) !== undefined);
    if (listing.length === 0) throw unknownPath();
    for (const reader of listing.filter(isAlive)) {
      await reader.fetchDocument(part).catch(() => undefined);
      const digest = reader.held(part);
      if (digest !== undefined) return [digest];
    }
    throw notThere(`/openapi/v3/${part}`);
  }

  /** Fetched from members when asked for: hardly any client does. Undefined when one can't be had. */
  async #partProtobuf(part: string, digests: readonly string[]): Promise<Buffer | undefined> {
    const { contents } = this.#deps;
    const documents: Buffer[] = [];
    for (const digest of digests) {
      const id = `v3 protobuf ${digest}`;
      if (!contents.has(id)) await this.#fetchProtobuf(part, digest, id);
      const document = await contents.get(id);
      if (!document) return undefined;
      documents.push(document);
    }
    return mergeProtobuf(documents, V3_PROTOBUF);
  }

  async #fetchProtobuf(part: string, digest: string, id: string): Promise<void> {
    const holders = this.#deps
      .readers()
      .filter((reader) => isAlive(reader) && reader.held(part) === digest);
    for (const reader of holders) {
      const document = await reader.fetchProtobuf(part, digest).catch(() => undefined);
      if (!document) continue;
      this.#deps.contents.put(id, document);
      return;
    }
  }

  async #v2(request: DocumentRequest): Promise<DocumentResponse> {
    const digests = await this.#v2Digests();
    const hash = combined(digests);
    const ids = digests.map((digest) => v2Id(digest, 'json'));
    return this.#encoded('v2', request, {
      headers: { 'cache-control': 'no-cache, private', etag: `"${hash}"`, vary: 'Accept' },
      json: async () => this.#mergedJson(v2Id(hash, 'json'), ids, V2_JSON),
      protobuf: async () => this.#v2Protobuf(hash, digests),
    });
  }

  async #v2Digests(): Promise<string[]> {
    const known = (): string[] => distinct(this.#deps.readers().map(({ v2 }) => v2));
    if (known().length > 0) return known();
    const checks = this.#deps
      .readers()
      .filter(isAlive)
      .map(async (reader) => {
        await reader.checkV2();
        if (reader.v2 === undefined) throw notThere('/openapi/v2');
      });
    await raceTimeout(
      Promise.any(checks).catch(() => undefined),
      FIRST_ANSWER_MS,
    );
    if (known().length === 0) throw notThere('/openapi/v2');
    return known();
  }

  async #v2Protobuf(hash: string, digests: readonly string[]): Promise<Buffer | undefined> {
    const { contents } = this.#deps;
    const missing = digests.filter((digest) => !contents.has(v2Id(digest, 'protobuf')));
    const holders = this.#deps
      .readers()
      .filter((reader) => isAlive(reader) && missing.includes(reader.v2 ?? ''));
    await Promise.all(holders.map(async (reader) => reader.checkV2()));
    if (digests.some((digest) => !contents.has(v2Id(digest, 'protobuf')))) return undefined;
    const ids = digests.map((digest) => v2Id(digest, 'protobuf'));
    return this.#merged(v2Id(hash, 'protobuf'), ids, (documents) =>
      mergeProtobuf(documents, V2_PROTOBUF),
    );
  }

  async #mergedJson(id: string, ids: readonly string[], rule: MergeRule): Promise<Buffer> {
    return this.#merged(id, ids, (documents) => mergeJson(documents, rule));
  }

  async #merged(
    id: string,
    ids: readonly string[],
    merge: (documents: readonly Buffer[]) => Buffer,
  ): Promise<Buffer> {
    const { contents } = this.#deps;
    const load = async (one: string): Promise<Buffer> => {
      const document = await contents.get(one);
      if (!document) throw notThere('the document');
      return document;
    };
    const [first] = ids;
    if (ids.length === 1 && first !== undefined) return load(first);
    return contents.derive(`merged ${id}`, async () => merge(await Promise.all(ids.map(load))));
  }

  async #encoded(
    specification: 'v2' | 'v3',
    { accept, ifNoneMatch }: DocumentRequest,
    {
      headers,
      json,
      protobuf,
    }: {
      headers: Readonly<Record<string, string>>;
      json: () => Promise<Buffer>;
      protobuf: () => Promise<Buffer | undefined>;
    },
  ): Promise<DocumentResponse> {
    const encodings = openApiEncodings(accept, specification);
    if (matchesEtag(ifNoneMatch, headers['etag'] ?? '')) return notModified(headers);
    for (const encoding of encodings) {
      const body = await (encoding === 'json' ? json() : protobuf());
      if (!body) continue;
      const type = encoding === 'json' ? 'application/json' : openApiProtobuf(specification);
      return { statusCode: 200, headers: { ...headers, 'content-type': type }, body };
    }
    throw notAcceptable(['application/json']);
  }
}

/** Digests of what members hold of a part, the newest member's first. */
function heldOf(readers: readonly OpenApiReader[], part: string): string[] {
  return distinct(readers.map((reader) => reader.held(part)));
}

function distinct(digests: readonly (string | undefined)[]): string[] {
  return [...new Set(digests.filter((digest) => digest !== undefined))];
}

/** Names the union of several contents; of one, that content itself. */
function combined(digests: readonly string[]): string {
  const [first = ''] = digests;
  return digests.length <= 1 ? first : digestOf(digests.join(' '));
}

const isAlive = ({ member }: OpenApiReader): boolean => member.health.isAlive;

function notThere(what: string): StatusError {
  return new StatusError('ServiceUnavailable', `no cluster has shown ${what} yet`);
}
