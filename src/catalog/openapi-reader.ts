import { StatusError } from '../kube/index.ts';
import type { Member, MemberReply } from '../members/index.ts';

import type { CatalogLog } from './catalog.ts';
import { openApiProtobuf } from './negotiate-document.ts';
import { digestOf, v2Id, type OpenApiContents } from './openapi-contents.ts';
import { headerText } from './read-discovery.ts';
import { asFields, asText, garbage, parseFields } from './untrusted.ts';

const INDEX_TIMEOUT_MS = 3_000;
const DOCUMENT_TIMEOUT_MS = 15_000;
/** Documents fetched from one member at once. */
const MAX_CONCURRENT = 2;
/** The v2 document follows a change within this time: until then it is asked for at each read. */
const V2_SETTLES_MS = 120_000;
const V2_CHECK_MS = 300_000;
/** ETags named in one request: more would make its head too long for some servers. */
const MAX_ETAGS = 16;

export interface OpenApiReaderDependencies {
  readonly member: Member;
  readonly contents: OpenApiContents;
  readonly log: CatalogLog;
  readonly now: () => number;
  /** Whether the member's discovery still has the group version of a document (`apis/apps/v1`). */
  readonly isServed: (place: string) => boolean;
  readonly signal: AbortSignal;
}

/**
 * Keeps which OpenAPI documents one member has, and fetches those whose content nobody has shown yet.
 * A document stays until the next content of the same place is there.
 */
export class OpenApiReader {
  readonly member: Member;
  readonly #deps: OpenApiReaderDependencies;
  /** Place (`apis/apps/v1`) → hash, as the member's index lists them. */
  #listed: ReadonlyMap<string, string> = new Map();
  /** Place → digest of the content last had, and the listed hash that it answers. */
  readonly #held = new Map<string, { readonly digest: string; readonly hash: string }>();
  #v2: string | undefined;
  #v2CheckedMs = -Infinity;
  #changedMs = -Infinity;
  #updating: { readonly startedMs: number; readonly done: Promise<void> } | undefined;
  /** How long the index last took; Infinity when it could not be read. */
  #lastUpdateMs = 0;
  #filling: Promise<void> | undefined;
  #checkingV2: Promise<void> | undefined;
  readonly #faults = new Map<string, string>();

  constructor(deps: OpenApiReaderDependencies) {
    this.member = deps.member;
    this.#deps = deps;
  }

  /** Places of v3 documents: those listed and those still held. */
  get places(): ReadonlySet<string> {
    return new Set([...this.#listed.keys(), ...this.#held.keys()]);
  }

  /** Digest of the content held for a place. */
  held(place: string): string | undefined {
    return this.#held.get(place)?.digest;
  }

  /** The hash that the member's index gives a place. */
  listed(place: string): string | undefined {
    return this.#listed.get(place);
  }

  /** Digest of the v2 document (in JSON). */
  get v2(): string | undefined {
    return this.#v2;
  }

  /**
   * Reads the index; documents are then fetched in the background, the v2 document last. Shared by
   * concurrent callers. Never rejects.
   */
  async update(): Promise<void> {
    this.#updating ??= { startedMs: this.#deps.now(), done: this.#updateOnce() };
    await this.#updating.done;
  }

  /** Whether the index was last had within this time, and is not being waited for longer. */
  isPunctual(withinMs: number): boolean {
    const underWayMs = this.#updating ? this.#deps.now() - this.#updating.startedMs : 0;
    return this.#lastUpdateMs <= withinMs && underWayMs <= withinMs;
  }

  /** Fetches what is listed and not held yet. Shared by concurrent callers. Never rejects. */
  async fill(): Promise<void> {
    this.#filling ??= this.#fillOnce().finally(() => {
      this.#filling = undefined;
    });
    await this.#filling;
  }

  /** Asks whether the v2 document is still the same. Shared by concurrent callers. Never rejects. */
  async checkV2(): Promise<void> {
    this.#checkingV2 ??= this.#checkV2Once().finally(() => {
      this.#checkingV2 = undefined;
    });
    await this.#checkingV2;
  }

  /**
   * Fetches one v3 document now.
   * @throws ServiceUnavailable, Timeout; BadGateway when it is not understood
   */
  async fetchDocument(place: string): Promise<void> {
    const hash = this.#listed.get(place);
    if (hash === undefined) return;
    const { contents } = this.#deps;
    if (!contents.has(hash)) {
      await contents.fetchOnce(hash, async () => this.#fetchV3(place, hash));
    }
    if (contents.has(hash)) this.#hold(place, hash, hash);
    // Somebody else fetched what turned out to have another content than its hash says.
    else if (this.#held.get(place)?.hash !== hash) await this.#fetchV3(place, hash);
  }

  /** A v3 document in protobuf. @throws ServiceUnavailable, Timeout, BadGateway */
  async fetchProtobuf(place: string, digest: string): Promise<Buffer> {
    return this.#fetchTyped(`/openapi/v3/${place}`, openApiProtobuf('v3'), digest);
  }

  async #updateOnce(): Promise<void> {
    const startedMs = this.#deps.now();
    const isRead = await this.#attempt('index', async () => {
      const reply = await this.#get('/openapi/v3', 'application/json', INDEX_TIMEOUT_MS);
      // Servers before 1.24 have none.
      if (reply.statusCode !== 404) this.#listedAnew(readIndex(expectOk(reply, '/openapi/v3')));
    });
    this.#lastUpdateMs = isRead ? this.#deps.now() - startedMs : Infinity;
    this.#updating = undefined;
    if (isRead) void this.fill().then(async () => (this.#isV2Due() ? this.checkV2() : undefined));
  }

  #listedAnew(listed: ReadonlyMap<string, string>): void {
    const isSame =
      listed.size === this.#listed.size &&
      [...listed].every(([place, hash]) => this.#listed.get(place) === hash);
    if (isSame) return;
    this.#changedMs = this.#deps.now();
    this.#listed = listed;
    for (const place of this.#held.keys()) {
      // A server that has just started does not list its custom resources yet.
      if (!listed.has(place) && !this.#deps.isServed(place)) this.#held.delete(place);
    }
  }

  async #fillOnce(): Promise<void> {
    const missing = [...this.#listed].filter(
      ([place, hash]) => this.#held.get(place)?.hash !== hash,
    );
    const work = async (): Promise<void> => {
      for (let next = missing.shift(); next; next = missing.shift()) {
        if (this.#deps.signal.aborted) return;
        await this.fetchDocument(next[0]);
      }
    };
    await this.#attempt('documents', async () => {
      await Promise.all(Array.from({ length: MAX_CONCURRENT }, work));
    });
  }

  async #fetchV3(place: string, hash: string): Promise<void> {
    const path = `/openapi/v3/${place}?hash=${encodeURIComponent(hash)}`;
    const reply = await this.#get(path, 'application/json', DOCUMENT_TIMEOUT_MS);
    // The document has just changed: the next read of the index tells its new hash.
    if (reply.statusCode === 301 || reply.statusCode === 404) return;
    const body = expectOk(reply, place);
    parseFields(body, place);
    const digest = digestOf(body);
    this.#deps.contents.put(digest, body);
    this.#hold(place, digest, hash);
  }

  #hold(place: string, digest: string, hash: string): void {
    this.#held.set(place, { digest, hash });
  }

  #isV2Due(): boolean {
    const nowMs = this.#deps.now();
    return nowMs - this.#changedMs < V2_SETTLES_MS || nowMs - this.#v2CheckedMs > V2_CHECK_MS;
  }

  async #checkV2Once(): Promise<void> {
    const isRead = await this.#attempt('v2', async () => this.#readV2());
    if (!isRead) return;
    this.#v2CheckedMs = this.#deps.now();
    const digest = this.#v2;
    const id = v2Id(digest ?? '', 'protobuf');
    const { contents } = this.#deps;
    if (digest === undefined || contents.has(id)) return;
    await this.#attempt('v2 in protobuf', async () => {
      contents.put(id, await this.#fetchTyped('/openapi/v2', openApiProtobuf('v2'), digest));
    });
  }

  /** Fetched only when no member has shown this content yet. */
  async #readV2(): Promise<void> {
    const { contents, member, signal } = this.#deps;
    const known = contents.digestsOfV2().slice(-MAX_ETAGS);
    const reply = await member.fetch({
      method: 'GET',
      path: '/openapi/v2',
      headers: {
        accept: 'application/json',
        ...(known.length > 0 && { 'if-none-match': known.map((id) => `"${id}"`).join(', ') }),
      },
      timeoutMs: DOCUMENT_TIMEOUT_MS,
      signal,
    });
    if (reply.statusCode === 404) return;
    const etag = unquoted(headerText(reply.headers['etag']));
    if (reply.statusCode === 304) {
      if (contents.has(v2Id(etag, 'json'))) this.#v2 = etag;
      return;
    }
    const body = expectOk(reply, '/openapi/v2');
    parseFields(body, '/openapi/v2');
    this.#v2 = digestOf(body);
    contents.put(v2Id(this.#v2, 'json'), body);
  }

  /** @param digest - the content that the ETag must name, so that both encodings say the same */
  async #fetchTyped(path: string, type: string, digest: string): Promise<Buffer> {
    const reply = await this.#get(path, type, DOCUMENT_TIMEOUT_MS);
    const body = expectOk(reply, path);
    if (!headerText(reply.headers['content-type']).startsWith(type)) {
      throw garbage(`${path} came as another type than asked for`);
    }
    if (unquoted(headerText(reply.headers['etag'])) !== digest) {
      throw garbage(`${path} has just changed`);
    }
    return body;
  }

  async #get(path: string, accept: string, timeoutMs: number): Promise<MemberReply> {
    const { member, signal } = this.#deps;
    return member.fetch({ method: 'GET', path, headers: { accept }, timeoutMs, signal });
  }

  /** Whether it went well. A fault is logged once, not once per poll; an unreachable member is no news here. */
  async #attempt(step: string, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      this.#faults.delete(step);
      return true;
    } catch (err) {
      const isUnreachable = err instanceof StatusError && err.reason !== 'BadGateway';
      const message = err instanceof Error ? err.message : 'unknown';
      if (!isUnreachable && this.#faults.get(step) !== message) {
        const fields = { cluster: this.member.name, step, err };
        this.#deps.log.warn(fields, 'member answers OpenAPI with what is of no use');
        this.#faults.set(step, message);
      }
      return false;
    }
  }
}

function readIndex(body: Buffer): Map<string, string> {
  const paths = asFields(parseFields(body, '/openapi/v3')['paths'] ?? {}, 'paths');
  return new Map(
    Object.entries(paths).map(([place, entry]) => {
      const url = asText(asFields(entry, place)['serverRelativeURL'], 'serverRelativeURL');
      const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
      return [place, new URLSearchParams(query).get('hash') ?? url];
    }),
  );
}

function expectOk({ statusCode, body }: MemberReply, what: string): Buffer {
  if (statusCode !== 200) throw garbage(`${what} was answered with code ${statusCode}`);
  return body;
}

const unquoted = (etag: string): string => etag.replace(/^W\//, '').replace(/^"|"$/g, '');
