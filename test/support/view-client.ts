import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { parse } from 'yaml';

/** A whole answer, and how long it took. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Each `Warning` header's text. */
  readonly warnings: readonly string[];
  readonly body: string;
  readonly ms: number;
}

interface Kubeconfig {
  readonly contexts: readonly { name: string; context: { cluster: string; user: string } }[];
  readonly clusters: readonly {
    name: string;
    cluster: { server: string; 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    name: string;
    user: { 'client-certificate-data': string; 'client-key-data': string };
  }[];
}

/** Speaks HTTPS to one context of a kubeconfig, with nothing in between that retries or hides. */
export class ViewClient {
  readonly #server: URL;
  readonly #agent: Agent;

  private constructor(server: URL, agent: Agent) {
    this.#server = server;
    this.#agent = agent;
  }

  static async open(kubeconfig: string, context: string): Promise<ViewClient> {
    const config = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
    const places = config.contexts.find(({ name }) => name === context)?.context;
    const cluster = config.clusters.find(({ name }) => name === places?.cluster)?.cluster;
    const user = config.users.find(({ name }) => name === places?.user)?.user;
    if (!cluster || !user) throw new Error(`${kubeconfig} has no whole context ${context}`);
    const text = (data: string): string => Buffer.from(data, 'base64').toString();
    const agent = new Agent({
      keepAlive: true,
      ca: text(cluster['certificate-authority-data']),
      cert: text(user['client-certificate-data']),
      key: text(user['client-key-data']),
    });
    return new ViewClient(new URL(cluster.server), agent);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** The head of an answer; its body is the caller's to read or destroy. */
  async stream(path: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const call = request(
      new URL(this.#server.pathname.replace(/\/$/, '') + path, this.#server),
      { agent: this.#agent, headers: { accept: 'application/json' }, ...(signal && { signal }) },
      resolve,
    );
    call.once('error', reject);
    call.end();
    return promise;
  }

  async get(path: string): Promise<Reply> {
    const startMs = performance.now();
    const response = await this.stream(path);
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      warnings: (response.headers.warning ?? '').split(/, (?=299 )/).filter((text) => text !== ''),
      body: Buffer.concat(parts).toString(),
      ms: performance.now() - startMs,
    };
  }
}
