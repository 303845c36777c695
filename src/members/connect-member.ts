import { Readable } from 'node:stream';
import { StatusError, memberUnavailable } from '../kube/index.ts';
import type { Access, AccessSource } from './access.ts';
import { abandoned, deadlineExceeded, describeFailure } from './describe-failure.ts';
import { type Attempt, dispatchAttempt } from './dispatch-attempt.ts';
import { type Lane, type Lanes, closeLanes, openLanes, retireLanes } from './lanes.ts';
import type {
  Member,
  MemberFetch,
  MemberHealth,
  MemberReply,
  MemberRequest,
  MemberResponse,
  MemberUpgrade,
  MemberUpgradeResponse,
  ResponseHandler,
} from './member.ts';
import { CollectingHandler, StreamingHandler } from './response-handlers.ts';
import { RetryingHandler } from './retrying-handler.ts';
import { sendUpgrade } from './send-upgrade.ts';

/** A member that does not answer its probes gets no longer than this to answer a request. */
const UNHEALTHY_DEADLINE_MS = 3_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** Requests of one lane that may be under way, those waiting for a connection included. */
const MAX_UNDER_WAY: Readonly<Record<Lane, number>> = { requests: 512, streams: 4096, probes: 8 };

export interface ConnectOptions {
  readonly name: string;
  readonly source: AccessSource;
  readonly health: MemberHealth;
  /** The address to show before the first access is had. */
  readonly server: URL;
}

/** A member and what only the fleet may do with it. */
export interface ConnectedMember extends Member {
  /** Like `fetch`, over a connection that requests can't occupy. */
  probe(options: MemberFetch): Promise<MemberReply>;
  close(): Promise<void>;
}

interface Sending {
  readonly request: MemberRequest;
  readonly lane: Lane;
  readonly handler: ResponseHandler;
  /** It makes up for an attempt that failed; there is no third. */
  readonly isRetry: boolean;
}

/** Makes a member of an access source: connections, credentials, deadlines, budgets. */
export function connectMember(options: ConnectOptions): ConnectedMember {
  return new Connection(options);
}

class Connection implements ConnectedMember {
  readonly name: string;
  readonly health: MemberHealth;
  readonly #source: AccessSource;
  readonly #firstServer: URL;
  readonly #underWay: Record<Lane, number> = { requests: 0, streams: 0, probes: 0 };
  readonly #waiting = new Set<Attempt>();
  readonly #closing = new AbortController();
  readonly #forgetHealth: () => void;
  readonly #retired = new Set<Lanes>();
  #lanes: Lanes | undefined;

  constructor({ name, source, health, server }: ConnectOptions) {
    this.name = name;
    this.health = health;
    this.#source = source;
    this.#firstServer = server;
    this.#forgetHealth = health.onChange(() => {
      if (!this.#isUnhealthy()) return;
      for (const attempt of this.#waiting) attempt.hurry(UNHEALTHY_DEADLINE_MS);
    });
  }

  get server(): URL {
    return this.#source.last?.server ?? this.#firstServer;
  }

  dispatch(request: MemberRequest, handler: ResponseHandler): void {
    this.#send({
      request,
      lane: request.bodyTimeoutMs === 0 ? 'streams' : 'requests',
      handler,
      isRetry: false,
    });
  }

  async request(options: MemberRequest): Promise<MemberResponse> {
    return new Promise((resolve, reject) => {
      this.dispatch(options, new StreamingHandler(resolve, reject));
    });
  }

  async fetch(options: MemberFetch): Promise<MemberReply> {
    return this.#collect(options, 'requests');
  }

  async probe(options: MemberFetch): Promise<MemberReply> {
    return this.#collect(options, 'probes');
  }

  async upgrade(options: MemberUpgrade): Promise<MemberUpgradeResponse> {
    const release = this.#admit('streams');
    try {
      const signals = [this.#closing.signal, ...(options.signal ? [options.signal] : [])];
      const access = await this.#access();
      const timeoutMs = this.#deadline(options.timeoutMs);
      const response = await sendUpgrade(access, {
        ...options,
        timeoutMs,
        cluster: this.name,
        signal: AbortSignal.any(signals),
      });
      response.socket.once('close', release);
      if (response.statusCode === 401) void this.#source.renew(access).catch(() => undefined);
      return response;
    } catch (error) {
      release();
      throw describeFailure(this.name, error);
    }
  }

  async close(): Promise<void> {
    this.#forgetHealth();
    this.#closing.abort(memberUnavailable(this.name, 'the server is shutting down'));
    const all = [...this.#retired, ...(this.#lanes ? [this.#lanes] : [])];
    await Promise.all(all.map(closeLanes));
  }

  /** What runs over connections of an older credential goes on to its end. */
  #retire(lanes: Lanes): void {
    this.#retired.add(lanes);
    void retireLanes(lanes).then(() => this.#retired.delete(lanes));
  }

  async #collect(options: MemberFetch, lane: Lane): Promise<MemberReply> {
    const { timeoutMs, maxBytes = DEFAULT_MAX_BYTES, ...rest } = options;
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
    }, timeoutMs);
    const signal = rest.signal ? AbortSignal.any([rest.signal, late.signal]) : late.signal;
    try {
      return await new Promise((resolve, reject) => {
        const request = { ...rest, signal, headersTimeoutMs: timeoutMs, bodyTimeoutMs: timeoutMs };
        const handler = new CollectingHandler({ cluster: this.name, maxBytes, resolve, reject });
        this.#send({ request, lane, handler, isRetry: false });
      });
    } catch (error) {
      throw late.signal.aborted ? deadlineExceeded(this.name, timeoutMs) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  #isUnhealthy(): boolean {
    return !this.health.isAlive && this.health.lastError !== undefined;
  }

  #deadline(timeoutMs: number): number {
    if (!this.#isUnhealthy()) return timeoutMs;
    return timeoutMs === 0 ? UNHEALTHY_DEADLINE_MS : Math.min(timeoutMs, UNHEALTHY_DEADLINE_MS);
  }

  /** Counts one more request in; the result counts it out, once. */
  #admit(lane: Lane): () => void {
    if (this.#underWay[lane] >= MAX_UNDER_WAY[lane]) {
      throw new StatusError(
        'TooManyRequests',
        `cluster ${this.name}: ${MAX_UNDER_WAY[lane]} requests are under way; try again in a second`,
        { details: { name: this.name, kind: 'clusters', retryAfterSeconds: 1 } },
      );
    }
    this.#underWay[lane] += 1;
    let isIn = true;
    return () => {
      if (isIn) this.#underWay[lane] -= 1;
      isIn = false;
    };
  }

  async #access(): Promise<Access> {
    try {
      return await this.#source.current();
    } catch (error) {
      throw describeFailure(this.name, error);
    }
  }

  #send(sending: Sending): void {
    const refuse = (error: unknown): void => {
      const { body } = sending.request;
      if (body instanceof Readable) body.destroy();
      sending.handler.onError(describeFailure(this.name, error));
    };
    let release: () => void;
    try {
      release = this.#admit(sending.lane);
    } catch (error) {
      // Not before the caller has its promise.
      queueMicrotask(() => {
        refuse(error);
      });
      return;
    }
    void this.#accessInTime(sending.request).then(
      (access) => {
        this.#attempt(sending, access, release);
      },
      (error: unknown) => {
        release();
        refuse(error);
      },
    );
  }

  /** Credentials may take a program's run to get: the request's deadline and signal hold for that too. */
  async #accessInTime({ signal, headersTimeoutMs }: MemberRequest): Promise<Access> {
    if (signal?.aborted) throw abandoned(this.name, signal.reason);
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    const timeoutMs = this.#deadline(headersTimeoutMs);
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    const cut = new Promise<never>((_resolve, reject) => {
      onAbort = () => {
        reject(abandoned(this.name, signal?.reason));
      };
      signal?.addEventListener('abort', onAbort);
      if (timeoutMs === 0) return;
      timer = setTimeout(() => {
        reject(deadlineExceeded(this.name, timeoutMs));
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.#access(), cut]);
    } finally {
      clearTimeout(timer);
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }

  #attempt(sending: Sending, access: Access, release: () => void): void {
    const { request, lane } = sending;
    if (this.#lanes?.connectionKey !== access.connectionKey) {
      if (this.#lanes) this.#retire(this.#lanes);
      this.#lanes = openLanes(access);
    }
    const attempt: Attempt = dispatchAttempt({
      cluster: this.name,
      lanes: this.#lanes,
      lane,
      access,
      request,
      headersTimeoutMs: this.#deadline(request.headersTimeoutMs),
      handler: this.#withRetry(sending, access),
      onSettled: () => {
        release();
        queueMicrotask(() => this.#waiting.delete(attempt));
      },
    });
    this.#waiting.add(attempt);
  }

  #withRetry(sending: Sending, access: Access): ResponseHandler {
    if (sending.isRetry) return sending.handler;
    return new RetryingHandler({
      request: sending.request,
      handler: sending.handler,
      renew: async () => this.#renewed(access),
      again: () => {
        this.#send({ ...sending, isRetry: true });
      },
    });
  }

  async #renewed(access: Access): Promise<boolean> {
    try {
      return (await this.#source.renew(access)) !== undefined;
    } catch {
      // The refusal itself says more to the caller; the probe reports why there is no newer credential.
      return false;
    }
  }
}
