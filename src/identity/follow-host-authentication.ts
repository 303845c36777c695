import { setTimeout as sleepFor } from 'node:timers/promises';
import type { MemberLog } from '../members/index.ts';
import { StatusError, toStatusError } from '../kube/index.ts';
import {
  NO_HOST_AUTHENTICATION,
  readHostAuthentication,
  type HostAuthentication,
} from './host-authentication.ts';
import { callHost, callHostPatiently, type Host } from './host.ts';

export interface FollowHostOptions {
  readonly host: Host;
  readonly log: MemberLog;
}

/** What the host publishes, as it is now. */
export interface FollowedHost {
  readonly current: () => HostAuthentication;
  readonly close: () => Promise<void>;
}

const NAME = 'extension-apiserver-authentication';
const COLLECTION = '/api/v1/namespaces/kube-system/configmaps';
const SELECTOR = `fieldSelector=metadata.name%3D${NAME}`;
/** The host ends a watch after this; one that it does not end is dead. */
const WATCH_SECONDS = 240;
const WATCH_LIMIT_MS = (WATCH_SECONDS + 30) * 1000;
const AGAIN_AFTER_MS = 2_000;

interface ConfigMap {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string>>;
}

interface ConfigMapList {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly items?: readonly ConfigMap[];
}

interface WatchEvent {
  readonly type?: string;
  readonly object?: ConfigMap;
}

/**
 * Reads what the host publishes for the API servers behind it, and follows it as it changes. What was
 * good last stays when it is taken away or broken, and while the host does not answer.
 * @throws what the host answers, when it can't be read the first time
 */
export async function followHostAuthentication(options: FollowHostOptions): Promise<FollowedHost> {
  const follower = new Follower(options);
  const version = await follower.read();
  const running = follower.run(version);
  return {
    current: () => follower.current,
    close: async () => {
      follower.stop();
      await running;
    },
  };
}

class Follower {
  readonly #host: Host;
  readonly #log: MemberLog;
  readonly #stopping = new AbortController();
  current: HostAuthentication = NO_HOST_AUTHENTICATION;

  constructor({ host, log }: FollowHostOptions) {
    this.#host = host;
    this.#log = log;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** @returns the version to watch from */
  async read(): Promise<string> {
    const list = await callHostPatiently<ConfigMapList>(this.#host, {
      method: 'GET',
      path: `${COLLECTION}?${SELECTOR}`,
    });
    this.#take(list.items?.[0]);
    return list.metadata?.resourceVersion ?? '';
  }

  async run(firstVersion: string): Promise<void> {
    let version = firstVersion;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#watch(version);
      } catch (thrown) {
        await this.#pause(toStatusError(thrown));
      }
      try {
        version = await this.#list();
      } catch (thrown) {
        await this.#pause(toStatusError(thrown));
      }
    }
  }

  async #list(): Promise<string> {
    if (this.#stopping.signal.aborted) return '';
    const path = `${COLLECTION}?${SELECTOR}`;
    const list = await callHost<ConfigMapList>(this.#host, { method: 'GET', path });
    this.#take(list.items?.[0]);
    return list.metadata?.resourceVersion ?? '';
  }

  async #pause(error: StatusError): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    this.#log.warn({ reason: error.message }, 'the host can not be followed; trying again');
    await sleepFor(AGAIN_AFTER_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async #watch(version: string): Promise<void> {
    const query = `watch=1&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${version}`;
    const limit = AbortSignal.timeout(WATCH_LIMIT_MS);
    const { statusCode, body } = await this.#host.request({
      method: 'GET',
      path: `${COLLECTION}?${SELECTOR}&${query}`,
      headers: { accept: 'application/json', 'user-agent': 'flotilla' },
      headersTimeoutMs: 30_000,
      bodyTimeoutMs: 0,
      signal: AbortSignal.any([this.#stopping.signal, limit]),
    });
    if (statusCode !== 200) {
      body.destroy();
      throw new StatusError('ServiceUnavailable', `the host answered a watch with ${statusCode}`);
    }
    let rest = '';
    for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#event(JSON.parse(line) as WatchEvent);
    }
  }

  #event({ type, object }: WatchEvent): void {
    if (type === 'ADDED' || type === 'MODIFIED') this.#take(object);
  }

  #take(configMap: ConfigMap | undefined): void {
    const next = readHostAuthentication(configMap?.data ?? {}, this.current, (error) => {
      this.#log.warn({ reason: error.message }, 'kept what was good before');
    });
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    const aggregator = next.requestHeader ? 'known' : 'none';
    this.#log.info({ aggregator }, "the host's authentication was read");
    this.current = next;
  }
}
