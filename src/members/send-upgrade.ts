import type { Socket } from 'node:net';
import { memberUnavailable } from '../kube/index.ts';
import type { Access } from './access.ts';
import { deadlineExceeded } from './describe-failure.ts';
import { joinPath } from './dispatch-attempt.ts';
import type { MemberUpgrade, MemberUpgradeResponse } from './member.ts';
import { openConnection } from './open-connection.ts';

const MAX_HEAD_BYTES = 64 * 1024;
const HEAD_END = '\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d)(?: |\r)/;

export interface SendUpgradeOptions extends MemberUpgrade {
  readonly cluster: string;
  readonly signal: AbortSignal;
}

/**
 * Opens a connection, writes the upgrade's head and reads the answer's.
 * @throws the socket's error, or a StatusError; nothing is left open
 */
export async function sendUpgrade(
  access: Access,
  options: SendUpgradeOptions,
): Promise<MemberUpgradeResponse> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(deadlineExceeded(options.cluster, options.timeoutMs));
  }, options.timeoutMs);
  const signal = AbortSignal.any([options.signal, late.signal]);
  try {
    const socket = await openConnection(access, signal);
    const end = (): void => {
      socket.destroy();
    };
    options.signal.addEventListener('abort', end);
    socket.once('close', () => {
      options.signal.removeEventListener('abort', end);
    });
    // Errors reach whoever pipes the socket; one that comes before must not end the process.
    socket.on('error', () => undefined);
    socket.write(upgradeHead(access, options), 'latin1');
    return await readAnswer(socket, options.cluster, signal);
  } finally {
    clearTimeout(timer);
  }
}

function upgradeHead({ server, headers }: Access, options: MemberUpgrade): string {
  const own = new Set(['host', 'authorization', ...headers.map(([name]) => name.toLowerCase())]);
  const lines = [
    `${options.method} ${joinPath(server, options.path)} HTTP/1.1`,
    `Host: ${server.host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  for (let index = 0; index < options.rawHeaders.length; index += 2) {
    const name = options.rawHeaders[index] ?? '';
    if (!own.has(name.toLowerCase())) lines.push(`${name}: ${options.rawHeaders[index + 1] ?? ''}`);
  }
  return lines.join('\r\n') + HEAD_END;
}

async function readAnswer(
  socket: Socket,
  cluster: string,
  signal: AbortSignal,
): Promise<MemberUpgradeResponse> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const forget = (): void => {
      socket.off('data', onData).off('close', onClose).off('end', onClose);
      signal.removeEventListener('abort', onAbort);
    };
    const give = (error: unknown): void => {
      forget();
      socket.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onAbort = (): void => {
      give(signal.reason);
    };
    const onClose = (): void => {
      const closed = Object.assign(new Error('closed before its answer'), { code: 'ECONNRESET' });
      give(socket.errored ?? closed);
    };
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const answer = takeHead(bytes);
      if (answer === 'garbage') {
        give(memberUnavailable(cluster, 'it does not speak HTTP/1.1; check `server`'));
      } else if (answer) {
        socket.pause();
        forget();
        resolve({ ...answer, socket });
      }
    };
    socket.on('data', onData).on('close', onClose).on('end', onClose);
    signal.addEventListener('abort', onAbort);
  });
}

type Head = Omit<MemberUpgradeResponse, 'socket'>;

/** The final answer's head, undefined while it is incomplete; interim answers before it are skipped. */
function takeHead(bytes: Buffer): Head | 'garbage' | undefined {
  const end = bytes.indexOf(HEAD_END);
  const text = bytes.toString('latin1', 0, 16);
  const status = STATUS_LINE.exec(text);
  const isStart = 'HTTP/1.1 '.startsWith(text.slice(0, 9));
  if (!isStart || (text.length === 16 && !status)) return 'garbage';
  if (end === -1) return bytes.length > MAX_HEAD_BYTES ? 'garbage' : undefined;
  const statusCode = Number(status?.[1]);
  const rawHead = bytes.subarray(0, end + HEAD_END.length);
  const head = bytes.subarray(rawHead.length);
  if (statusCode < 200 && statusCode !== 101) return takeHead(head);
  return { statusCode, rawHead, head };
}
