import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { memberUnavailable } from '../../src/kube/index.ts';
import type {
  Member,
  MemberFetch,
  MemberHealth,
  MemberReply,
  MemberRequest,
  MemberResponse,
} from '../../src/members/index.ts';

export interface ScriptedObject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly version: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface ScriptedAnswer {
  readonly statusCode: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ScriptedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ScriptedObject;
}

interface OpenWatch {
  readonly body: PassThrough;
  cursor: number;
}

/**
 * A member in this process whose every fault is ours to choose: for tests of random histories, where
 * real clusters are too slow. Speaks lists in pages, watches, streaming lists, 410.
 */
export class ScriptedMember implements Member {
  readonly name: string;
  readonly server = new URL('https://scripted.invalid');
  readonly #objects = new Map<string, ScriptedObject>();
  #events: { version: number; event: ScriptedEvent }[] = [];
  #watches = new Set<OpenWatch>();
  #version = 1;
  #uids = 0;
  #compactedUntil = 0;
  #isUp = true;
  #isFrozen = false;
  /** Whether it understands sendInitialEvents. */
  streamsLists = true;
  /** Whether a watch may go on from any version at all. */
  keepsHistory = true;
  /** Requests answered so far. */
  requests = 0;
  /** All that was asked but streams. */
  readonly calls: MemberFetch[] = [];
  /** What it answers to some calls; undefined for its usual answer. */
  answer: ((call: MemberFetch) => ScriptedAnswer | undefined) | undefined;
  /** Answers everything with this code; 200 for none. */
  refusesWith = 200;
  /** Ends every stream as soon as it is opened. */
  endsStreams = false;
  /** Answers lists with this instead. */
  listsAs: string | undefined;
  /** Never says that initial events are complete. */
  forgetsBookmark = false;
  #uid: string;
  readonly #changes = new EventEmitter();
  readonly health: MemberHealth;

  constructor(name: string) {
    this.name = name;
    this.#uid = name;
    const { getUp, getUid, changes } = {
      getUp: () => this.#isUp && !this.#isFrozen,
      getUid: () => this.#uid,
      changes: this.#changes,
    };
    let lastAnswerMs = Date.now();
    this.health = {
      get isAlive() {
        if (getUp()) lastAnswerMs = Date.now();
        return getUp();
      },
      get lastAnswerMs() {
        return lastAnswerMs;
      },
      get lastError() {
        return getUp() ? undefined : 'connection refused';
      },
      gitVersion: 'v1.36.3',
      get uid() {
        return getUid();
      },
      onChange: (listener) => {
        changes.on('health', listener);
        return () => changes.off('health', listener);
      },
    };
  }

  get truth(): readonly ScriptedObject[] {
    return [...this.#objects.values()];
  }

  put(
    key: { namespace: string; name: string },
    value: number,
    labels: Record<string, string> = {},
  ): void {
    const id = `${key.namespace}/${key.name}`;
    const before = this.#objects.get(id);
    this.#version += 1;
    this.#uids += before ? 0 : 1;
    const uid = before?.uid ?? `${this.name}-${this.#uids}`;
    const object = { ...key, uid, version: this.#version, labels, value };
    this.#objects.set(id, object);
    this.#publish({ type: before ? 'MODIFIED' : 'ADDED', object });
  }

  delete(key: { namespace: string; name: string }): void {
    const id = `${key.namespace}/${key.name}`;
    const before = this.#objects.get(id);
    if (!before) return;
    this.#version += 1;
    this.#objects.delete(id);
    this.#publish({ type: 'DELETED', object: { ...before, version: this.#version } });
  }

  /** Ends all streams, in good order or not. */
  cut(isClean: boolean): void {
    for (const { body } of this.#watches) {
      if (isClean) body.end();
      else body.destroy(new Error('reset'));
    }
    this.#watches.clear();
  }

  /** Forgets its history: old versions answer 410. */
  compact(): void {
    this.#events = [];
    this.#compactedUntil = this.#version;
  }

  /** Another cluster takes its place, or (with the same uid) an old backup: empty, its versions begin anew. */
  replace(uid: string): void {
    this.#uid = uid;
    this.#objects.clear();
    this.#events = [];
    this.#version = 1;
    this.#compactedUntil = 0;
    this.cut(false);
    this.#changes.emit('health');
  }

  /** Leaves all streams open and never writes to them again. */
  forgetStreams(): void {
    this.#watches.clear();
  }

  die(): void {
    this.#isUp = false;
    this.cut(false);
    this.#changes.emit('health');
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#changes.emit('health');
  }

  heal(): void {
    this.#isUp = true;
    this.#isFrozen = false;
    this.#changes.emit('health');
    for (const watch of this.#watches) this.#feed(watch);
  }

  #publish(event: ScriptedEvent): void {
    this.#events.push({ version: this.#version, event });
    if (!this.#isFrozen) for (const watch of this.#watches) this.#feed(watch);
  }

  #feed(watch: OpenWatch): void {
    for (const { version, event } of this.#events) {
      if (version <= watch.cursor) continue;
      watch.cursor = version;
      watch.body.write(line(event.type, toPod(event.object)));
    }
  }

  async request({ path, signal }: MemberRequest): Promise<MemberResponse> {
    await this.#answering(signal);
    const query = new URL(path, this.server).searchParams;
    const body = new PassThrough();
    signal?.addEventListener('abort', () => body.destroy(new Error('aborted')));
    body.on('error', () => undefined);
    if (this.refusesWith !== 200) {
      body.end(JSON.stringify({ kind: 'Status', message: 'refused', code: this.refusesWith }));
      return { statusCode: this.refusesWith, headers: {}, rawHeaders: [], body };
    }
    if (query.has('sendInitialEvents') && !this.streamsLists) {
      body.end(
        JSON.stringify({ kind: 'Status', message: 'sendInitialEvents is forbidden', code: 422 }),
      );
      return { statusCode: 422, headers: {}, rawHeaders: [], body };
    }
    const watch: OpenWatch = { body, cursor: this.#version };
    if (query.has('sendInitialEvents')) {
      for (const object of this.#objects.values()) body.write(line('ADDED', toPod(object)));
      if (!this.forgetsBookmark) body.write(line('BOOKMARK', bookmark(this.#version)));
    } else {
      watch.cursor = Number(query.get('resourceVersion'));
      if (watch.cursor < this.#compactedUntil || !this.keepsHistory) {
        body.end(
          line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }),
        );
        return { statusCode: 200, headers: {}, rawHeaders: [], body };
      }
      this.#feed(watch);
    }
    if (this.endsStreams) body.end();
    else this.#watches.add(watch);
    return { statusCode: 200, headers: {}, rawHeaders: [], body };
  }

  async fetch(call: MemberFetch): Promise<MemberReply> {
    const { method, path, signal, timeoutMs } = call;
    await this.#answering(
      AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
    );
    this.calls.push(call);
    if (this.refusesWith !== 200)
      return reply(this.refusesWith, {
        kind: 'Status',
        code: this.refusesWith,
        message: 'refused',
      });
    const answered = this.answer?.(call);
    if (answered) {
      const { statusCode, body, headers } = answered;
      return {
        ...reply(statusCode, body),
        headers: { 'content-type': 'application/json', ...headers },
      };
    }
    if (method !== 'GET') throw new Error(`${method} ${path} is not scripted`);
    const url = new URL(path, this.server);
    const name = /\/namespaces\/([^/]+)\/pods\/([^/]+)$/.exec(url.pathname);
    return name ? this.#one(`${name[1]}/${name[2]}`, name[2] ?? '') : this.#page(url.searchParams);
  }

  #one(key: string, name: string): MemberReply {
    const one = this.#objects.get(key);
    if (one) return reply(200, toPod(one));
    const message = `pods "${name}" not found`;
    return reply(404, { kind: 'Status', code: 404, message, details: { name } });
  }

  #page(query: URLSearchParams): MemberReply {
    if (this.listsAs !== undefined)
      return { statusCode: 200, headers: {}, body: Buffer.from(this.listsAs) };
    const objects = [...this.#objects.values()];
    const start = Number(query.get('continue') ?? 0);
    const end = start + Number(query.get('limit') ?? objects.length);
    return reply(200, {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: {
        resourceVersion: String(this.#version),
        ...(end < objects.length && { continue: String(end) }),
      },
      items: objects.slice(start, end).map(toPod),
    });
  }

  async upgrade(): Promise<never> {
    return Promise.reject(memberUnavailable(this.name, 'does not upgrade'));
  }

  dispatch(): never {
    throw memberUnavailable(this.name, 'does not dispatch');
  }

  async #answering(signal: AbortSignal | undefined): Promise<void> {
    this.requests += 1;
    if (!this.#isUp) throw memberUnavailable(this.name, 'connection refused');
    while (this.#isFrozen) {
      if (signal?.aborted) throw memberUnavailable(this.name, 'did not answer in time');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (signal?.aborted) throw memberUnavailable(this.name, 'did not answer in time');
  }
}

function reply(statusCode: number, body: unknown): MemberReply {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function bookmark(version: number): unknown {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(version), annotations },
  };
}

function toPod({ namespace, name, uid, version, labels, value }: ScriptedObject): unknown {
  const metadata = { name, namespace, uid, resourceVersion: String(version), labels };
  return { kind: 'Pod', apiVersion: 'v1', metadata, spec: { nodeName: `node-${value}` } };
}
