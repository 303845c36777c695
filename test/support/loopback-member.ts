import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import {
  type Access,
  type ConnectedMember,
  type MemberHealth,
  connectMember,
} from '../../src/members/index.ts';
import { createAuthority } from '../rig/pki.ts';

/** The authority of every loopback server of a test file, and one that it does not know. */
export const authority = await createAuthority('loopback authority');
export const stranger = await createAuthority('stranger');
export const serving = await authority.issue({
  commonName: 'loopback',
  dnsNames: ['localhost', 'member.example'],
  ipAddresses: ['127.0.0.1'],
});

export interface Loopback {
  readonly url: string;
  readonly port: number;
  readonly server: https.Server | http.Server | tls.Server;
  /** Connections open at this moment. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections ever accepted. */
  readonly accepted: () => number;
  readonly close: () => Promise<void>;
}

export interface HttpsOptions {
  readonly credential?: typeof serving;
  readonly onUpgrade?: (req: http.IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly wantsClientCertificate?: boolean;
}

/** A real HTTPS server on a loopback port. */
export async function listenHttps(
  handler: http.RequestListener,
  { credential = serving, onUpgrade, wantsClientCertificate = false }: HttpsOptions = {},
): Promise<Loopback> {
  const server = https.createServer(
    {
      cert: credential.certificate,
      key: credential.key,
      ca: authority.certificate,
      requestCert: wantsClientCertificate,
      rejectUnauthorized: false,
    },
    handler,
  );
  if (onUpgrade) server.on('upgrade', onUpgrade);
  return listen(server, 'https');
}

export async function listenHttp(handler: http.RequestListener): Promise<Loopback> {
  return listen(http.createServer(handler), 'http');
}

/** A TLS server that speaks whatever the listener says. */
export async function listenTls(listener: (socket: tls.TLSSocket) => void): Promise<Loopback> {
  const server = tls.createServer({ cert: serving.certificate, key: serving.key }, (socket) => {
    socket.on('error', () => undefined);
    listener(socket);
  });
  return listen(server, 'https');
}

async function listen(
  server: https.Server | http.Server | tls.Server,
  scheme: string,
): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    server,
    sockets,
    accepted: () => accepted,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A health that says what the test wants. */
export function fixedHealth(said: Partial<MemberHealth> = {}): MemberHealth & {
  say: (now: Partial<MemberHealth>) => void;
} {
  const listeners = new Set<() => void>();
  const health = {
    isAlive: true,
    lastAnswerMs: undefined,
    lastError: undefined,
    gitVersion: undefined,
    uid: undefined,
    ...said,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    say: (now: Partial<MemberHealth>) => {
      Object.assign(health, now);
      for (const listener of listeners) listener();
    },
  };
  return health;
}

export function accessTo(url: string, more: Partial<Access> = {}): Access {
  return {
    server: new URL(url),
    tls: { ca: authority.certificate, rejectUnauthorized: true },
    proxy: undefined,
    headers: [['Authorization', 'Bearer ours']],
    connectionKey: 'one',
    ...more,
  };
}

/** A member at a loopback server, with a fixed access. */
export function memberAt(
  url: string,
  {
    access = accessTo(url),
    health = fixedHealth(),
  }: { access?: Access; health?: MemberHealth } = {},
): ConnectedMember {
  return connectMember({
    name: 'm1',
    server: new URL(url),
    health,
    source: {
      last: access,
      current: () => Promise.resolve(access),
      renew: () => Promise.resolve(undefined),
    },
  });
}
