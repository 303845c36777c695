import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'socks5:': 1080,
  'socks5h:': 1080,
};

/** Where a tunnel is to lead. */
export interface TunnelTarget {
  /** A name or an address, the latter without brackets. */
  readonly host: string;
  readonly port: number;
}

/** The host without the brackets of an IPv6 address. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** The port, or the one that the scheme implies. */
export function portOf(url: URL): number {
  return url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 443) : Number(url.port);
}

/**
 * A connection to `target` through a proxy: CONNECT for http and https, RFC 1928 for socks5.
 * @throws Error that names the proxy, or the signal's reason
 */
export async function openTunnel(
  proxy: URL,
  target: TunnelTarget,
  signal: AbortSignal,
): Promise<net.Socket> {
  try {
    return await (proxy.protocol.startsWith('socks5')
      ? openSocks(proxy, target, signal)
      : openConnect(proxy, target, signal));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`its proxy ${proxy.host} failed (${text}); check \`proxy-url\``, {
      cause: error,
    });
  }
}

function authority({ host, port }: TunnelTarget): string {
  return net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

async function openConnect(
  proxy: URL,
  target: TunnelTarget,
  signal: AbortSignal,
): Promise<net.Socket> {
  const { request } = proxy.protocol === 'https:' ? https : http;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const login = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      host: bareHost(proxy),
      port: portOf(proxy),
      path: authority(target),
      headers: { host: authority(target), ...(proxy.username && { 'proxy-authorization': login }) },
      agent: false,
      signal,
    });
    asked.on('connect', ({ statusCode }, socket, head) => {
      if (statusCode === 200) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(`it answered ${statusCode ?? 0} to CONNECT`));
      }
    });
    asked.on('response', ({ statusCode }) => {
      asked.destroy(new Error(`it answered ${statusCode ?? 0} to CONNECT`));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function openSocks(
  proxy: URL,
  target: TunnelTarget,
  signal: AbortSignal,
): Promise<net.Socket> {
  const socket = net.connect({ host: bareHost(proxy), port: portOf(proxy), signal });
  // Outlives the iteration below, which has its own listener.
  socket.on('error', () => undefined);
  try {
    await greetSocks(socket, proxy);
    socket.write(socksConnect(target));
    const [, code = 1, , addressType = 1] = await take(socket, 4);
    if (code !== 0) throw new Error(`it refused to connect, code ${code}`);
    const [length = 0] = addressType === 3 ? await take(socket, 1) : [];
    await take(socket, (addressType === 1 ? 4 : addressType === 4 ? 16 : length) + 2);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function greetSocks(socket: net.Socket, { username, password }: URL): Promise<void> {
  const user = Buffer.from(decodeURIComponent(username));
  const secret = Buffer.from(decodeURIComponent(password));
  socket.write(Buffer.from(user.length > 0 ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await take(socket, 2);
  if (version !== 5) throw new Error('it does not speak SOCKS 5');
  if (method === 0) return;
  if (method !== 2 || user.length === 0) throw new Error('it wants another way to log in');
  socket.write(Buffer.from([1, user.length, ...user, secret.length, ...secret]));
  const [, outcome] = await take(socket, 2);
  if (outcome !== 0) throw new Error('it refused the user name and password');
}

/** Names go to the proxy as they are: it may know hosts that we don't. */
function socksConnect({ host, port }: TunnelTarget): Buffer {
  const name = Buffer.from(host);
  const address = net.isIPv4(host)
    ? [1, ...host.split('.').map(Number)]
    : [3, name.length, ...name];
  return Buffer.from([5, 1, 0, ...address, port >> 8, port & 255]);
}

/** Exactly `count` bytes: what follows belongs to the tunnel. */
async function take(socket: net.Socket, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const forget = (): void => {
      socket.off('data', onData).off('end', onClose).off('close', onClose).pause();
    };
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < count) return;
      forget();
      if (bytes.length > count) socket.unshift(bytes.subarray(count));
      resolve(bytes.subarray(0, count));
    };
    const onClose = (): void => {
      forget();
      reject(socket.errored ?? new Error('it closed the connection'));
    };
    socket.on('data', onData).on('end', onClose).on('close', onClose).resume();
    if (socket.destroyed) onClose();
  });
}
