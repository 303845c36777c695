import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import {
  administratorsAuthorizer,
  clientCertificateAuthenticator,
  openOwnCertificates,
  servingNames,
  type KeyPair,
} from '../../src/identity/index.ts';
import { issueLeaf } from '../../src/identity/issue-certificate.ts';
import { readKeyPair } from '../../src/identity/key-pair-file.ts';
import { VersionClock, type Status } from '../../src/kube/index.ts';
import type { Fleet, Member } from '../../src/members/index.ts';
import { startServer, type Server, type ViewHandler } from '../../src/server/index.ts';
import type { HealthCheck } from '../../src/server/health.ts';

export interface Reply {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly json: () => unknown;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  /** Whose client certificate is shown; the administrator's by default, none for undefined. */
  readonly as?: KeyPair | undefined;
  /** TLS server name. */
  readonly serverName?: string;
}

export interface OpenServer {
  readonly server: Server;
  readonly url: string;
  readonly admin: KeyPair;
  /** A client certificate of the server's own authority. */
  readonly issue: (user: string, groups?: readonly string[]) => Promise<KeyPair>;
  readonly ask: (path: string, how?: Ask) => Promise<Reply>;
  readonly status: (path: string, how?: Ask) => Promise<Status>;
  /** A raw TLS connection of the administrator. */
  readonly connect: (as?: KeyPair) => Promise<TLSSocket>;
  readonly authority: string;
  /** Tells the server that the fleet has changed. */
  readonly setMembers: (members: readonly Member[]) => void;
  readonly close: () => Promise<void>;
}

export interface ServerSetting {
  readonly members?: readonly Member[];
  readonly views?: ViewHandler;
  readonly checks?: readonly HealthCheck[];
  readonly shutdownDelayMs?: number;
}

/** Views that answer nothing: for tests of everything else. */
const noViews: ViewHandler = {
  handle: () => Promise.reject(new Error('no view was expected')),
  upgrade: () => Promise.reject(new Error('no view was expected')),
};

/** The whole server over real TLS on a free loopback port. */
export async function openServer(setting: ServerSetting = {}): Promise<OpenServer> {
  const directory = await mkdtemp(join(tmpdir(), 'flotilla-server-'));
  const now = Date.now;
  const certificates = await openOwnCertificates({
    directory,
    names: servingNames('127.0.0.1'),
    now,
  });
  const fleet = fixedFleet(setting.members ?? []);
  const { authority } = certificates;
  const server = await startServer({
    listen: { address: '127.0.0.1', port: 0 },
    certificate: certificates.serving(),
    authenticators: [clientCertificateAuthenticator({ authorities: () => [authority], now })],
    authorizers: [administratorsAuthorizer],
    fleet,
    views: setting.views ?? noViews,
    checks: setting.checks ?? [],
    apiEnablements: () => undefined,
    metrics: { members: () => [], certificates: certificates.expiries },
    clock: new VersionClock({
      replica: 7,
      now,
      highWaterMark: { read: () => 0n, write: () => undefined },
    }),
    version: '1.2.3',
    log: pino({ level: 'silent' }),
    now,
    shutdownDelayMs: setting.shutdownDelayMs ?? 0,
  });
  const admin = certificates.admin();
  const ask = asker({ url: `https://127.0.0.1:${server.port}`, authority, admin });
  return {
    server,
    url: `https://127.0.0.1:${server.port}`,
    admin,
    authority,
    issue: async (user, groups = []) => {
      const pair = await readKeyPair(join(directory, 'ca.pem'));
      return issueLeaf(pair!, { kind: 'client', user, groups }, now());
    },
    ask,
    status: async (path, how) => (await ask(path, how)).json() as Status,
    connect: async (as = admin) => connectTls(server.port, { ca: authority, ...as }),
    setMembers: fleet.set,
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}

function asker(to: { url: string; authority: string; admin: KeyPair }): OpenServer['ask'] {
  return async (path, how = {}) => {
    const as = 'as' in how ? how.as : to.admin;
    const dispatcher = new Agent({
      connect: { ca: to.authority, ...as, ...(how.serverName && { servername: how.serverName }) },
    });
    const { statusCode, headers, body } = await request(`${to.url}${path}`, {
      dispatcher,
      method: (how.method ?? 'GET') as 'GET',
      ...(how.headers && { headers: how.headers }),
      ...(how.body !== undefined && { body: how.body }),
    });
    const text = await body.text();
    await dispatcher.close();
    return { code: statusCode, headers, text, json: () => JSON.parse(text) as unknown };
  };
}

async function connectTls(port: number, tls: KeyPair & { ca: string }): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...tls }, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function fixedFleet(
  initial: readonly Member[],
): Fleet & { set: (members: readonly Member[]) => void } {
  let members = initial;
  const listeners = new Set<() => void>();
  return {
    get members() {
      return members;
    },
    get: (name) => members.find((member) => member.name === name),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => undefined,
    whenProbed: () => Promise.resolve(),
    close: () => Promise.resolve(),
    set: (next) => {
      members = next;
      for (const listener of listeners) listener();
    },
  };
}
