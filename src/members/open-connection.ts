import * as net from 'node:net';
import * as tls from 'node:tls';
import type { Access } from './access.ts';
import { bareHost, openTunnel, portOf } from './open-tunnel.ts';

const KEEP_ALIVE_AFTER_MS = 15_000;

/**
 * Opens a connection to the member of `access`, through its proxy if there is one, with TLS if its
 * address says https. Ready to be written to.
 * @throws the socket's own error, or the signal's reason; nothing is left open
 */
export async function openConnection(access: Access, signal: AbortSignal): Promise<net.Socket> {
  signal.throwIfAborted();
  const plain = await openPlain(access, signal);
  plain.setNoDelay(true);
  plain.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
  if (access.server.protocol === 'http:') return plain;
  return secure(plain, access, signal);
}

async function openPlain({ server, proxy }: Access, signal: AbortSignal): Promise<net.Socket> {
  const target = { host: bareHost(server), port: portOf(server) };
  if (proxy) return openTunnel(proxy, target, signal);
  const socket = net.connect(target);
  return whenReady(socket, 'connect', signal);
}

async function secure(
  socket: net.Socket,
  { server, tls: material }: Access,
  signal: AbortSignal,
): Promise<net.Socket> {
  const host = bareHost(server);
  // An address is no name to ask for: the certificate is then checked against `host`.
  const servername = material.servername ?? (net.isIP(host) === 0 ? host : '');
  const secured = tls.connect({
    ...material,
    socket,
    host,
    servername,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
  });
  return whenReady(secured, 'secureConnect', signal);
}

/** Waits for a socket to be usable; destroys it when it is not to be. */
async function whenReady<T extends net.Socket>(
  socket: T,
  event: string,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = (): void => {
      socket.off(event, onReady).off('error', onFailure).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
    };
    const onReady = (): void => {
      forget();
      resolve(socket);
    };
    const onFailure = (error: Error): void => {
      forget();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => {
      onFailure(signal.reason as Error);
    };
    const onClose = (): void => {
      onFailure(Object.assign(new Error('closed while connecting'), { code: 'ECONNRESET' }));
    };
    socket.on(event, onReady).on('error', onFailure).on('close', onClose);
    signal.addEventListener('abort', onAbort);
  });
}
