import { setTimeout as sleepFor } from 'node:timers/promises';
import {
  REASONS,
  StatusError,
  toStatusError,
  type Reason,
  type StatusDetails,
} from '../kube/index.ts';
import type { Member } from '../members/index.ts';

/** The cluster that lends us its users and rights. */
export type Host = Pick<Member, 'fetch' | 'request'>;

export interface HostCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Raw path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** Default application/json. */
  readonly contentType?: string;
  /** Until the whole answer is there; default 10 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
/** An attempt that begins later has too little time left. */
const LAST_ATTEMPT_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const PASSING: ReadonlySet<Reason> = new Set(['ServiceUnavailable', 'Timeout', 'TooManyRequests']);

/**
 * Asks the host's API for one object.
 * @throws StatusError with the host's own reason and message; ServiceUnavailable or Timeout when it
 * does not answer
 */
export async function callHost<T>(host: Host, call: HostCall): Promise<T> {
  const { method, path, body, contentType = 'application/json', timeoutMs = TIMEOUT_MS } = call;
  const reply = await host.fetch({
    method,
    path,
    timeoutMs,
    headers: {
      accept: 'application/json',
      'user-agent': 'flotilla',
      ...(body && { 'content-type': contentType }),
    },
    ...(body && { body: Buffer.from(JSON.stringify(body)) }),
  });
  const answer = parseObject(reply.body);
  if (reply.statusCode >= 200 && reply.statusCode < 300 && answer) return answer as T;
  throw hostFailure(reply.statusCode, answer, reply.body);
}

/**
 * Asks again, twice at most and within the time of one call, when the host does not answer just now:
 * for calls that are safe to repeat.
 */
export async function callHostPatiently<T>(host: Host, call: HostCall): Promise<T> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const timeoutMs = Math.max(1, TIMEOUT_MS - (performance.now() - startedAt));
    try {
      return await callHost<T>(host, { ...call, timeoutMs });
    } catch (thrown) {
      const error = toStatusError(thrown);
      const isLate = performance.now() - startedAt > LAST_ATTEMPT_MS;
      if (isLate || attempt === ATTEMPTS || !PASSING.has(error.reason)) throw error;
    }
    await sleepFor(FIRST_PAUSE_MS * attempt);
  }
}

function hostFailure(code: number, answer: object | undefined, body: Buffer): StatusError {
  const { reason, message, details } = (answer ?? {}) as {
    readonly reason?: unknown;
    readonly message?: unknown;
    readonly details?: StatusDetails;
  };
  const text =
    typeof message === 'string' ? message : `${code} ${body.toString('utf8').slice(0, 200)}`;
  return new StatusError(reasonOf(code, reason), text, details && { details });
}

function reasonOf(code: number, reason: unknown): Reason {
  if (typeof reason === 'string' && reason in REASONS) return reason as Reason;
  const known = Object.entries(REASONS).find(([, one]) => one === code);
  return (known?.[0] ?? 'InternalError') as Reason;
}

function parseObject(body: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
