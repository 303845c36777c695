import type { Answer } from '../../src/views/index.ts';
import { bodyOf, type AskOptions } from './scripted-views.ts';

export interface SeenPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName: string };
}

interface Line {
  readonly type: string;
  readonly object: SeenPod & { readonly code?: number };
}

type Ask = (query: string, options?: AskOptions) => Promise<Answer>;

/**
 * A client that keeps a cache by LIST and WATCH as informers do, and notes what no informer should
 * ever see: an ADDED of what it has, a MODIFIED or DELETED of what it has not, a version that goes back.
 */
export class ModelInformer {
  readonly cache = new Map<string, SeenPod>();
  readonly faults: string[] = [];
  relists = 0;
  readonly #ask: Ask;
  readonly #how: {
    readonly streamsLists: boolean;
    readonly pageSize: number;
    readonly selector: string;
  };
  readonly #stop = new AbortController();
  #version = '';
  readonly #done: Promise<void>;

  constructor(ask: Ask, how: { streamsLists: boolean; pageSize: number; selector: string }) {
    this.#ask = ask;
    this.#how = how;
    this.#done = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.#version === '' && !this.#how.streamsLists) await this.#list();
      await this.#watch();
    }
  }

  async #list(): Promise<void> {
    this.relists += 1;
    const seen = new Map<string, SeenPod>();
    let continueToken = '';
    do {
      const query = new URLSearchParams({
        limit: String(this.#how.pageSize),
        labelSelector: this.#how.selector,
      });
      if (continueToken !== '') query.set('continue', continueToken);
      const list = (await bodyOf(await this.#ask(query.toString()))) as {
        metadata: { resourceVersion: string; continue?: string };
        items: SeenPod[];
      };
      for (const pod of list.items) {
        if (seen.has(keyOf(pod))) this.faults.push(`listed twice: ${keyOf(pod)}`);
        seen.set(keyOf(pod), pod);
      }
      continueToken = list.metadata.continue ?? '';
      this.#version = list.metadata.resourceVersion;
    } while (continueToken !== '');
    this.cache.clear();
    for (const [key, pod] of seen) this.cache.set(key, pod);
  }

  /** One watch of a random length, resumed from where the last one ended. */
  async #watch(): Promise<void> {
    const query = new URLSearchParams({
      watch: '1',
      allowWatchBookmarks: 'true',
      labelSelector: this.#how.selector,
    });
    const isInitial = this.#version === '';
    if (isInitial) {
      query.set('sendInitialEvents', 'true');
      query.set('resourceVersionMatch', 'NotOlderThan');
      this.relists += 1;
      this.cache.clear();
    } else query.set('resourceVersion', this.#version);
    const end = AbortSignal.any([
      this.#stop.signal,
      AbortSignal.timeout(Math.ceil(20 + Math.random() * 200)),
    ]);
    let isComplete = !isInitial;
    const answer = await this.#ask(query.toString(), { signal: end });
    for await (const piece of answer.body) {
      for (const text of piece
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')) {
        const line = JSON.parse(text) as Line;
        if (line.type === 'BOOKMARK') isComplete = true;
        this.#take(line);
      }
    }
    if (!isComplete) this.#version = '';
  }

  #take({ type, object }: Line): void {
    if (type === 'ERROR') {
      this.#version = '';
      return;
    }
    const version = object.metadata.resourceVersion;
    if (type !== 'BOOKMARK') this.#apply(type, object);
    this.#version = version;
  }

  #apply(type: string, pod: SeenPod): void {
    const key = keyOf(pod);
    const known = this.cache.get(key);
    if (known && BigInt(known.metadata.resourceVersion) >= BigInt(pod.metadata.resourceVersion)) {
      this.faults.push(`${type} ${key} does not advance its version`);
    }
    if ((type === 'ADDED') === (known !== undefined))
      this.faults.push(`${type} of ${known ? 'a known' : 'an unknown'} object ${key}`);
    if (type === 'DELETED') this.cache.delete(key);
    else this.cache.set(key, pod);
  }
}

function keyOf({ metadata }: SeenPod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
