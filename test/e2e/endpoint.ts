import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { parse } from 'yaml';
import type { Member } from '../rig/index.ts';

/** An API server as raw HTTP sees it: nothing is normalised on the way there or back. */
export interface Endpoint {
  ask(path: string, options?: AskOptions): Promise<Reply>;
  /** A TLS connection of one's own, to write any bytes to. */
  connect(): Promise<TLSSocket>;
  /** The same server below a path. */
  below(prefix: string): Endpoint;
  readonly prefix: string;
  close(): void;
}

export interface AskOptions {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Reply {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** @throws when the body is not JSON */
  json(): unknown;
}

interface Place {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A member, asked directly as its administrator. */
export function memberEndpoint({ url, authority, client }: Member): Endpoint {
  return endpointAt({ url, ca: authority, cert: client.certificate, key: client.key });
}

/** A server that is in a kubeconfig, below the path of one of its contexts. */
export async function kubeconfigEndpoint(file: string, context: string): Promise<Endpoint> {
  const config = parse(await readFile(file, 'utf8')) as Kubeconfig;
  const named = config.contexts.find(({ name }) => name === context);
  const cluster = config.clusters.find(({ name }) => name === named?.context.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === named?.context.user)?.user;
  if (!cluster || !user) throw new Error(`the kubeconfig has no context ${context}`);
  const { origin, pathname } = new URL(cluster.server);
  const decode = (data: string): string => Buffer.from(data, 'base64').toString();
  const place = {
    url: origin,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  };
  return endpointAt(place).below(pathname === '/' ? '' : pathname);
}

interface Kubeconfig {
  readonly contexts: { name: string; context: { cluster: string; user: string } }[];
  readonly clusters: {
    name: string;
    cluster: { server: string; 'certificate-authority-data': string };
  }[];
  readonly users: {
    name: string;
    user: { 'client-certificate-data': string; 'client-key-data': string };
  }[];
}

function endpointAt({ url, ...tls }: Place, prefix = '', agent = newAgent()): Endpoint {
  const { hostname, port } = new URL(url);
  return {
    prefix,
    ask: async (path, { method = 'GET', headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
        const call = request(
          {
            hostname,
            port,
            path: prefix + path,
            method,
            agent,
            headers: { ...length, ...headers },
            ...tls,
          },
          (response) => {
            const parts: Buffer[] = [];
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('error', reject);
            response.on('end', () => {
              const whole = Buffer.concat(parts);
              const text = whole.toString();
              const json = (): unknown => JSON.parse(text);
              resolve({
                code: response.statusCode ?? 0,
                headers: response.headers,
                body: whole,
                text,
                json,
              });
            });
          },
        );
        call.on('error', reject);
        call.setTimeout(60_000, () => call.destroy(new Error(`${method} ${path} is not answered`)));
        call.end(body);
      }),
    connect: async () =>
      new Promise((resolve, reject) => {
        const socket = connect({
          host: hostname,
          port: Number(port),
          ALPNProtocols: ['http/1.1'],
          ...tls,
        });
        socket.once('error', reject);
        socket.once('secureConnect', () => {
          resolve(socket);
        });
      }),
    below: (further) => endpointAt({ url, ...tls }, prefix + further, agent),
    close: () => {
      agent.destroy();
    },
  };
}

function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 8 });
}
