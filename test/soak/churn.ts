import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from '../rig/index.ts';

export const NAMESPACE = 'soak';
/** Data key that counts an object's changes one by one. */
export const COUNTER = 'n';
/** Data key that holds when it was written, epoch milliseconds. */
export const WRITTEN = 'written';

const OBJECTS = 30;
const COLLECTION = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
/** One in so many writes deletes and makes anew. */
const REPLACE_EVERY = 40;
const PADDING = 'x'.repeat(200);

/** Changes a member's objects one after the other until it is told to stop. */
export class Churn {
  /** Writes per second; may be changed at any time. */
  rate: number;
  writes = 0;
  readonly #member: Member;
  readonly #agent: Agent;
  readonly #counts = new Array<number>(OBJECTS).fill(0);
  #isStopped = false;
  #done: Promise<void> = Promise.resolve();

  constructor(member: Member, rate: number) {
    this.#member = member;
    this.rate = rate;
    const { authority, client } = member;
    this.#agent = new Agent({
      keepAlive: true,
      ca: authority,
      cert: client.certificate,
      key: client.key,
    });
  }

  /** Makes the objects; resolves when all are there. */
  async start(): Promise<void> {
    const metadata = { name: NAMESPACE };
    await this.#member.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
    for (let index = 0; index < OBJECTS; index += 1)
      await this.#send('POST', COLLECTION, this.#object(index));
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
    this.#agent.destroy();
  }

  /** What the member holds, as `namespace/name@member counter`, sorted. */
  async truth(): Promise<string[]> {
    const list = JSON.parse(await this.#send('GET', COLLECTION)) as {
      items: { metadata: { name: string }; data: Record<string, string> }[];
    };
    return list.items
      .filter(({ data }) => data[COUNTER] !== undefined)
      .map(
        ({ metadata, data }) =>
          `${NAMESPACE}/${metadata.name}@${this.#member.name} ${data[COUNTER]}`,
      )
      .sort();
  }

  async #run(): Promise<void> {
    let dueMs = Date.now();
    while (!this.#isStopped) {
      await this.#change(this.writes % OBJECTS);
      // What a frozen member held up is not made up for.
      dueMs = Math.max(dueMs + 1000 / this.rate, Date.now() - 1000);
      const waitMs = dueMs - Date.now();
      if (waitMs > 0) await sleep(waitMs);
    }
  }

  async #change(index: number): Promise<void> {
    const path = `${COLLECTION}/object-${index}`;
    this.writes += 1;
    if (this.writes % REPLACE_EVERY === 0) {
      await this.#send('DELETE', path);
      this.#counts[index] = 0;
      await this.#send('POST', COLLECTION, this.#object(index));
      return;
    }
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    await this.#send('PUT', path, this.#object(index));
  }

  #object(index: number): object {
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `object-${index}`, labels: { half: index % 2 === 0 ? 'even' : 'odd' } },
      data: {
        [COUNTER]: String(this.#counts[index]),
        [WRITTEN]: String(Date.now()),
        padding: PADDING,
      },
    };
  }

  async #send(method: string, path: string, body?: object): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = { 'content-type': 'application/json' };
    const call = request(
      new URL(path, this.#member.url),
      { method, headers, agent: this.#agent },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode < 300) resolve(text);
          else reject(new Error(`${this.#member.name}: ${method} ${path}: ${statusCode} ${text}`));
        });
      },
    );
    call.once('error', reject);
    call.end(body && JSON.stringify(body));
    return promise;
  }
}
