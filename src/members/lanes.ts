import { Pool } from 'undici';
import type { Access } from './access.ts';
import { openConnection } from './open-connection.ts';

/** Which connections a request may use: short requests, streams and probes can't starve each other. */
export type Lane = 'requests' | 'streams' | 'probes';

/** The connections to one member as made with one set of TLS credentials. */
export type Lanes = Readonly<Record<Lane, Pool>> & { readonly connectionKey: string };

const MAX_CONNECTIONS: Readonly<Record<Lane, number | null>> = {
  requests: 64,
  // Each holds a connection for as long as it lasts; the number of requests is bounded by a budget.
  streams: null,
  probes: 1,
};
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
const MAX_HEADER_BYTES = 64 * 1024;

/** Opens the connections of `access`, lazily. */
export function openLanes(access: Access): Lanes {
  const pool = (lane: Lane): Pool =>
    new Pool(access.server.origin, {
      connections: MAX_CONNECTIONS[lane],
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: (_options, callback) => {
        openConnection(access, AbortSignal.timeout(CONNECT_TIMEOUT_MS)).then(
          (socket) => {
            callback(null, socket);
          },
          (error: unknown) => {
            callback(asTimeout(error), null);
          },
        );
      },
    });
  return {
    requests: pool('requests'),
    streams: pool('streams'),
    probes: pool('probes'),
    connectionKey: access.connectionKey,
  };
}

function asTimeout(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error.name !== 'TimeoutError') return error;
  return Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' });
}

/** Lets what runs come to its end; nothing new may start. Resolves when all has ended. */
export async function retireLanes({ requests, streams, probes }: Lanes): Promise<void> {
  await Promise.allSettled([requests, streams, probes].map(async (pool) => pool.close()));
}

/** Ends all that runs. */
export async function closeLanes({ requests, streams, probes }: Lanes): Promise<void> {
  await Promise.allSettled([requests, streams, probes].map(async (pool) => pool.destroy()));
}
