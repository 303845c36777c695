import type { ViewClient } from './view-client.ts';

/** What an informer looks at. */
export interface SeenObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

export interface LiveInformerOptions {
  /** Of the collection, such as `/api/v1/namespaces/shop/configmaps`. */
  readonly path: string;
  /** Reads the objects as the beginning of its watch rather than by LIST. */
  readonly streamsLists: boolean;
  /** Objects a page of a LIST; 0 = all. */
  readonly pageSize?: number;
  readonly labelSelector?: string;
  /** How long it asks a watch to last; one that ends sooner counts as cut. Default 3600. */
  readonly watchSeconds?: number;
  /** `data` key that counts an object's changes one by one: a number that is left out is a lost event. */
  readonly counter?: string;
  /** Called for each change that it is told. */
  readonly onEvent?: (type: string, object: SeenObject) => void;
}

interface Line {
  readonly type: string;
  readonly object: SeenObject & { readonly code?: number; readonly message?: string };
}

/**
 * A client that keeps a cache over HTTPS by LIST and WATCH, as informers do, and notes what none should
 * ever see: an ADDED of what it has, a MODIFIED or DELETED of what it has not, another object under the
 * same name, a version that goes back, a change that was left out, a watch that ends before its time.
 */
export class LiveInformer {
  readonly cache = new Map<string, SeenObject>();
  readonly faults: string[] = [];
  /** `TYPE namespace/name` of each event after the first full read, in order. */
  readonly log: string[] = [];
  events = 0;
  relists = 0;
  /** Watches that went on from where the last one had ended. */
  resumes = 0;
  isSynced = false;
  readonly #client: ViewClient;
  readonly #options: LiveInformerOptions;
  readonly #stop = new AbortController();
  #version = '';
  readonly #done: Promise<void>;

  constructor(client: ViewClient, options: LiveInformerOptions) {
    this.#client = client;
    this.#options = options;
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** `namespace/name value` of everything held, sorted; the value is that of the counter. */
  shown(): string[] {
    const { counter = '' } = this.#options;
    return [...this.cache].map(([key, { data }]) => `${key} ${data?.[counter] ?? ''}`).sort();
  }

  #isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed()) {
      try {
        if (this.#version === '' && !this.#options.streamsLists) await this.#list();
        await this.#watch();
      } catch (thrown) {
        if (this.#isClosed()) return;
        this.faults.push(`failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  #query(more: Readonly<Record<string, string>>): string {
    const { labelSelector = '' } = this.#options;
    const query = new URLSearchParams({ ...more, ...(labelSelector !== '' && { labelSelector }) });
    return `${this.#options.path}?${query.toString()}`;
  }

  async #list(): Promise<void> {
    const seen = new Map<string, SeenObject>();
    let continueToken = '';
    do {
      const limit = String(this.#options.pageSize ?? 0);
      const { status, body } = await this.#client.get(
        this.#query({ limit, ...(continueToken !== '' && { continue: continueToken }) }),
      );
      if (status !== 200) throw new Error(`LIST answered ${status}: ${body}`);
      const list = JSON.parse(body) as {
        metadata: { resourceVersion: string; continue?: string };
        items: SeenObject[];
      };
      for (const object of list.items) {
        if (seen.has(keyOf(object))) this.faults.push(`listed twice: ${keyOf(object)}`);
        seen.set(keyOf(object), object);
      }
      continueToken = list.metadata.continue ?? '';
      this.#version = list.metadata.resourceVersion;
    } while (continueToken !== '');
    this.#replace(seen);
  }

  #replace(seen: ReadonlyMap<string, SeenObject>): void {
    this.cache.clear();
    for (const [key, object] of seen) this.cache.set(key, object);
    this.relists += 1;
    this.isSynced = true;
  }

  async #watch(): Promise<void> {
    const { watchSeconds = 3600 } = this.#options;
    const isInitial = this.#version === '';
    if (!isInitial) this.resumes += 1;
    const startMs = Date.now();
    const path = this.#query({
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(watchSeconds),
      ...(isInitial
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: this.#version }),
    });
    const response = await this.#client.stream(path, this.#stop.signal);
    if (response.statusCode !== 200) {
      response.destroy();
      throw new Error(`WATCH answered ${response.statusCode}`);
    }
    let rest = '';
    let staged = isInitial ? new Map<string, SeenObject>() : undefined;
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const text of lines) staged = this.#take(JSON.parse(text) as Line, staged);
      }
    } finally {
      const lastedMs = Date.now() - startMs;
      if (!this.#isClosed() && lastedMs < watchSeconds * 1000 - 500)
        this.faults.push(`a watch of ${watchSeconds} s was cut after ${lastedMs} ms`);
    }
  }

  /** Returns the initial objects while they are not complete. */
  #take(
    { type, object }: Line,
    staged: Map<string, SeenObject> | undefined,
  ): Map<string, SeenObject> | undefined {
    if (type === 'ERROR') {
      this.faults.push(`the watch answered ${object.code}: ${object.message}`);
      this.#version = '';
      return staged;
    }
    if (type === 'BOOKMARK') {
      if (staged) this.#replace(staged);
      this.#version = object.metadata.resourceVersion;
      return undefined;
    }
    if (staged) {
      if (staged.has(keyOf(object))) this.faults.push(`told twice at first: ${keyOf(object)}`);
      staged.set(keyOf(object), object);
      return staged;
    }
    this.#apply(type, object);
    this.#version = object.metadata.resourceVersion;
    return undefined;
  }

  #apply(type: string, object: SeenObject): void {
    const key = keyOf(object);
    const known = this.cache.get(key);
    this.events += 1;
    this.#options.onEvent?.(type, object);
    if (this.#options.counter === undefined) this.log.push(`${type} ${key}`);
    if ((type === 'ADDED') === (known !== undefined))
      this.faults.push(`${type} of ${known ? 'a known' : 'an unknown'} object ${key}`);
    if (BigInt(object.metadata.resourceVersion) <= BigInt(this.#version))
      this.faults.push(`${type} ${key} goes back in version`);
    if (known) this.#compare(type, { key, known, object });
    if (type === 'DELETED') this.cache.delete(key);
    else this.cache.set(key, object);
  }

  #compare(
    type: string,
    { key, known, object }: { key: string; known: SeenObject; object: SeenObject },
  ): void {
    if (known.metadata.uid !== object.metadata.uid)
      this.faults.push(`${type} ${key} is another object of that name`);
    const { counter } = this.#options;
    if (counter === undefined || type !== 'MODIFIED') return;
    const [before, now] = [known, object].map(({ data }) => Number(data?.[counter]));
    if (now !== (before ?? 0) + 1) this.faults.push(`${key} went from ${before} to ${now}`);
  }
}

function keyOf({ metadata }: SeenObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
