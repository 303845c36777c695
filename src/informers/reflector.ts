import type { Logger } from 'pino';
import {
  FrameSplitter,
  readFrameWithFacts,
  readPaths,
  splitListWithFacts,
  type FrameWithFacts,
  type ObjectFacts,
} from '../bytes/index.ts';
import { groupVersionText, INITIAL_EVENTS_END_ANNOTATION, resourcePath } from '../kube/index.ts';
import type { Member, MemberResponse } from '../members/index.ts';
import type { KindCache } from './kind-cache.ts';
import { Progress } from './progress.ts';
import { HistoryGone, KindGone, refusal, statusCode } from './refusal.ts';
import { objectKey } from './stored-object.ts';

export interface ReflectorDependencies {
  readonly member: Member;
  readonly cache: KindCache;
  /** Kind of the objects, for list items that don't carry it. */
  readonly kind: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The member answered 404 for the kind: it may not serve it any more. */
  readonly onGone: () => void;
  /** Called when what the reflector says of itself has changed. */
  readonly onState: () => void;
}

/** How current the cache is about one member. */
export interface ReflectorState {
  /** The member was read in full once since the start. */
  readonly hasSynced: boolean;
  /** Its stream is unbroken. */
  readonly isStreaming: boolean;
  /** When it was last known to be current (epoch ms); undefined: never. */
  readonly lastFreshMs: number | undefined;
  /** Attempts to read it that have failed since it was last current. */
  readonly failures: number;
  readonly lastError: string | undefined;
}

/** Largest frame taken from a member: objects are bounded by etcd's 1.5 MiB, JSON may be larger than its protobuf. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const HEADERS_TIMEOUT_MS = 15_000;
const PAGE_LIMIT = 500;
const EMPTY = Buffer.alloc(0);
const PAGE_TIMEOUT_MS = 60_000;
const BACKOFF_MS = { first: 200, most: 10_000 };
/** A stream that ends sooner, though in good order, is opened again with backoff. */
const SHORT_STREAM_MS = 1_000;
/** Silence after which a server that took sendInitialEvents is believed not to know it. */
const INITIAL_SILENCE_MS = 5_000;
/**
 * A member sends a bookmark a minute at least: a stream that is silent for longer leads nowhere, though
 * nobody has said so, as when what stands between has forgotten the connection.
 */
const STREAM_SILENCE_MS = 150_000;

/** Objects of a full read that is not complete yet, by key. */
type Staged = Map<string, { readonly bytes: Buffer; readonly facts: ObjectFacts }>;

/** The member does not do streaming lists. */
class NoStreamingList extends Error {}
/** Keeps the cache of one kind in step with one member, for as long as it is not stopped. */
export class Reflector {
  readonly #deps: ReflectorDependencies;
  readonly #stop = new AbortController();
  readonly #path: string;
  #state: ReflectorState = {
    hasSynced: false,
    isStreaming: false,
    lastFreshMs: undefined,
    failures: 0,
    lastError: undefined,
  };
  readonly #progress: Progress;
  #streamsLists = true;
  #connection: AbortController | undefined;
  #heardSinceDown = true;
  #readInFullMs = -Infinity;
  #backoffMs = BACKOFF_MS.first;
  readonly #done: Promise<void>;

  constructor(deps: ReflectorDependencies) {
    this.#deps = deps;
    this.#path = resourcePath(deps.cache.gvr);
    this.#progress = new Progress(deps.member.health.uid);
    const unsubscribe = deps.member.health.onChange(() => {
      this.#onHealth();
    });
    this.#done = this.#run().finally(unsubscribe);
  }

  get state(): ReflectorState {
    if (!this.#state.isStreaming || !this.#deps.member.health.isAlive) return this.#state;
    return { ...this.#state, lastFreshMs: this.#deps.now() };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** A member that comes back is asked at once; one whose stream was silent while it was away, anew. */
  #onHealth(): void {
    if (this.#progress.follow(this.#deps.member.health.uid)) this.#connection?.abort();
    if (!this.#deps.member.health.isAlive) {
      this.#heardSinceDown = false;
      if (this.#state.isStreaming)
        this.#set({ lastFreshMs: this.#deps.member.health.lastAnswerMs });
    } else if (!this.#heardSinceDown) {
      this.#heardSinceDown = true;
      // What failed while it was away says nothing about now.
      this.#backoffMs = BACKOFF_MS.first;
      this.#connection?.abort();
    }
    this.#deps.onState();
  }

  #set(change: Partial<ReflectorState>): void {
    this.#state = { ...this.#state, ...change };
    this.#deps.onState();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#connection = new AbortController();
      const startedMs = this.#deps.now();
      try {
        await this.#connect(AbortSignal.any([this.#stop.signal, this.#connection.signal]));
        if (this.#deps.now() - startedMs < SHORT_STREAM_MS)
          throw new Error('the stream ended at once');
        this.#backoffMs = BACKOFF_MS.first;
      } catch (thrown) {
        const isAtOnce = this.#isTriedAtOnce(thrown);
        this.#onFailure(thrown);
        if (this.#deps.now() - startedMs > BACKOFF_MS.most) this.#backoffMs = BACKOFF_MS.first;
        if (isAtOnce) continue;
        await this.#pause();
      }
    }
  }

  /** What a full read heals; not when it has just been tried. */
  #isTriedAtOnce(thrown: unknown): boolean {
    if (thrown instanceof NoStreamingList) return true;
    const isNew = this.#deps.now() - this.#readInFullMs > BACKOFF_MS.most;
    return thrown instanceof HistoryGone && this.#progress.resumeFrom !== '' && isNew;
  }

  async #pause(): Promise<void> {
    const backoffMs = this.#backoffMs;
    this.#backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most);
    this.#connection = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#connection.signal]);
    const jitter = 0.8 + 0.4 * Math.random();
    await this.#deps.sleep(backoffMs * jitter, signal).catch(() => undefined);
  }

  #onFailure(thrown: unknown): void {
    const { member, cache, log, onGone } = this.#deps;
    const wasStreaming = this.#state.isStreaming;
    if (this.#stop.signal.aborted) return;
    if (thrown instanceof NoStreamingList) {
      this.#streamsLists = false;
      return;
    }
    if (thrown instanceof HistoryGone || thrown instanceof KindGone) this.#progress.resumeFrom = '';
    if (thrown instanceof KindGone) onGone();
    const lastError = thrown instanceof Error ? thrown.message : String(thrown);
    this.#set({
      isStreaming: false,
      ...(wasStreaming && {
        lastFreshMs: member.health.isAlive ? this.#deps.now() : member.health.lastAnswerMs,
      }),
      failures: this.#state.failures + 1,
      lastError,
    });
    log.info(
      { cluster: member.name, resource: cache.gvr, err: thrown },
      'stream from member ended; it will be opened again',
    );
  }

  /** One connection's life; returns when the member ended it in good order. */
  async #connect(signal: AbortSignal): Promise<void> {
    if (this.#progress.resumeFrom !== '') await this.#watch(signal);
    else if (this.#streamsLists) await this.#streamList(signal);
    else {
      await this.#list(signal);
      await this.#watch(signal);
    }
  }

  /** LIST in pages; a page is read as bytes and cut. */
  async #list(signal: AbortSignal): Promise<void> {
    const seen = new Set<string>();
    let continueToken = '';
    let version = '';
    do {
      const query = new URLSearchParams({
        limit: String(PAGE_LIMIT),
        ...(continueToken !== '' && { continue: continueToken }),
      });
      const answer = await this.#deps.member.fetch({
        method: 'GET',
        path: `${this.#path}?${query.toString()}`,
        headers: { accept: 'application/json' },
        signal,
        timeoutMs: PAGE_TIMEOUT_MS,
      });
      if (answer.statusCode !== 200) throw refusal(answer.statusCode, answer.body);
      const list = splitListWithFacts(answer.body);
      this.#beginSync(list.resourceVersion);
      for (const [index, facts] of list.facts.entries()) {
        seen.add(objectKey(facts));
        this.#take(this.#complete(list.items[index] ?? EMPTY, facts), facts);
      }
      continueToken = list.continueToken;
      version = list.resourceVersion;
    } while (continueToken !== '');
    this.#finishSync(seen, version);
  }

  /** List items of built-in kinds carry no kind: it is put in front, as a single read has it. */
  #complete(item: Buffer, facts: ObjectFacts): Buffer {
    if (facts.kind !== '') return item;
    const head = `{"kind":${JSON.stringify(this.#deps.kind)},"apiVersion":${JSON.stringify(groupVersionText(this.#deps.cache.gvr))},`;
    return Buffer.concat([Buffer.from(head), item.subarray(item.indexOf(0x7b) + 1)]);
  }

  #take(bytes: Buffer, facts: ObjectFacts): void {
    this.#deps.cache.ingest(this.#deps.member.name, bytes, { facts, teller: 'stream' });
  }

  #beginSync(version: string): void {
    const { cache, member, log } = this.#deps;
    if (!this.#progress.startsOver(version)) return;
    log.warn({ cluster: member.name, resource: cache.gvr }, 'member was replaced or restored');
    cache.removeMember(member.name);
  }

  #finishSync(seen: ReadonlySet<string>, version: string): void {
    this.#deps.cache.removeUnseen(this.#deps.member.name, seen, version);
    this.#progress.advance(version);
    this.#readInFullMs = this.#deps.now();
    this.#set({ hasSynced: true, isStreaming: true, failures: 0, lastError: undefined });
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#progress.resumeFrom,
      timeoutSeconds: watchSeconds(),
    });
    const response = await this.#open(query, signal);
    this.#set({ isStreaming: true, failures: 0, lastError: undefined });
    await this.#readFrames(response, (frame) => {
      this.#onEvent(frame);
    });
  }

  /** A watch that begins with all objects, staged until the member says that they are complete. */
  async #streamList(signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({
      watch: '1',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
      timeoutSeconds: watchSeconds(),
    });
    const silence = new AbortController();
    const response = await this.#open(query, AbortSignal.any([signal, silence.signal]));
    const timer = setTimeout(() => {
      silence.abort();
    }, INITIAL_SILENCE_MS);
    let staged: Staged | undefined = new Map();
    try {
      await this.#readFrames(response, (frame) => {
        if (staged) timer.refresh();
        if (staged) staged = this.#stage(staged, frame);
        else this.#onEvent(frame);
        if (!staged) clearTimeout(timer);
      });
    } catch (thrown) {
      throw silence.signal.aborted
        ? new NoStreamingList('the member sent no end of its initial events')
        : thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Returns what is still staged; undefined once the initial events are complete and in the cache. */
  #stage(staged: Staged, { type, object, facts }: FrameWithFacts): Staged | undefined {
    if (type === 'ERROR') throw refusal(statusCode(object), object);
    if (type === 'BOOKMARK') {
      if (!endsInitialEvents(object)) return staged;
      const { cache, member } = this.#deps;
      this.#beginSync(facts.resourceVersion);
      for (const each of staged.values())
        cache.ingest(member.name, each.bytes, { facts: each.facts, teller: 'stream' });
      this.#finishSync(new Set(staged.keys()), facts.resourceVersion);
      return undefined;
    }
    if (type === 'DELETED') staged.delete(objectKey(facts));
    else staged.set(objectKey(facts), { bytes: object, facts });
    return staged;
  }

  async #open(query: URLSearchParams, signal: AbortSignal): Promise<MemberResponse> {
    const response = await this.#deps.member.request({
      method: 'GET',
      path: `${this.#path}?${query.toString()}`,
      headers: { accept: 'application/json' },
      signal,
      headersTimeoutMs: HEADERS_TIMEOUT_MS,
      bodyTimeoutMs: 0,
    });
    if (response.statusCode === 200) return response;
    const parts: Buffer[] = [];
    for await (const part of response.body) parts.push(part as Buffer);
    const refused = refusal(response.statusCode, Buffer.concat(parts));
    const isUnknownOption = response.statusCode === 422 || response.statusCode === 400;
    throw isUnknownOption && query.has('sendInitialEvents')
      ? new NoStreamingList(refused.message)
      : refused;
  }

  async #readFrames(
    response: MemberResponse,
    onFrame: (frame: FrameWithFacts) => void,
  ): Promise<void> {
    const splitter = new FrameSplitter(MAX_FRAME_BYTES);
    const timer = setTimeout(() => {
      response.body.destroy(new Error('the stream is silent, it should have sent bookmarks'));
    }, STREAM_SILENCE_MS);
    try {
      for await (const chunk of response.body) {
        this.#heardSinceDown = true;
        timer.refresh();
        for (const bytes of splitter.push(chunk as Buffer)) {
          onFrame(readFrameWithFacts(bytes));
        }
      }
    } finally {
      clearTimeout(timer);
      response.body.destroy();
    }
  }

  #onEvent({ type, object, facts }: FrameWithFacts): void {
    if (type === 'ERROR') throw refusal(statusCode(object), object);
    const { cache, member } = this.#deps;
    if (type === 'ADDED' || type === 'MODIFIED') this.#take(object, facts);
    else if (type === 'DELETED')
      cache.remove(member.name, objectKey(facts), { bytes: object, facts });
    if (facts.resourceVersion !== '') this.#progress.advance(facts.resourceVersion);
  }
}

/** 5 to 10 minutes, so that many streams don't end at once. */
function watchSeconds(): string {
  return String(300 + Math.floor(Math.random() * 300));
}

function endsInitialEvents(bookmark: Buffer): boolean {
  const [value] = readPaths(bookmark, [['metadata', 'annotations', INITIAL_EVENTS_END_ANNOTATION]]);
  return value === 'true';
}
