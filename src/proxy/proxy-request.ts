import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import type {
  Member,
  MemberRequest,
  ResponseControl,
  ResponseHandler,
  ResponseHead,
} from '../members/index.ts';
import { forwardedHeaders, relayedHeaders } from './forwarded-headers.ts';
import { isLongRunning } from './is-long-running.ts';

/** A little more than kube-apiserver gives itself, so that its own answer comes first. */
const TIMEOUT_MS = 65_000;

export interface ProxyRequestOptions {
  readonly member: Member;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Raw path and query at the member, beginning with '/'. */
  readonly path: string;
  /** Until the member's response head; default 65 s, unlimited for long-running requests. */
  readonly headersTimeoutMs?: number;
  /** Silence allowed within the member's response; default 65 s, unlimited for long-running requests. */
  readonly bodyTimeoutMs?: number;
}

/**
 * Streams a request to a member and its answer back, byte for byte and at the pace of the slower side.
 * Headers that speak of one connection or say who asks are not forwarded. Resolves when the response is
 * over; a member that breaks off half-way costs the client its connection, so that no part is taken
 * for the whole.
 * @throws StatusError while nothing has been sent to the client
 */
export async function proxyRequest(options: ProxyRequestOptions): Promise<void> {
  const { member, req, res } = options;
  const gone = new AbortController();
  return new Promise((resolve, reject) => {
    const relay = new ResponseRelay({ req, res, reject, isStream: isLongRunning(options.path) });
    res.once('finish', resolve);
    res.once('close', () => {
      gone.abort();
      resolve();
    });
    if (res.destroyed) gone.abort();
    member.dispatch(memberRequest(options, gone.signal), relay);
  });
}

function memberRequest(options: ProxyRequestOptions, signal: AbortSignal): MemberRequest {
  const { req, path } = options;
  const defaultMs = isLongRunning(path) ? 0 : TIMEOUT_MS;
  const { headersTimeoutMs = defaultMs, bodyTimeoutMs = defaultMs } = options;
  return {
    method: req.method ?? 'GET',
    path,
    headers: forwardedHeaders(req.rawHeaders),
    // The member's side may be given up while the client's must live on for the answer.
    ...(hasBody(req) && { body: req.pipe(new PassThrough()) }),
    headersTimeoutMs,
    bodyTimeoutMs,
    signal,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

interface RelayOptions {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly reject: (error: Error) => void;
  /** The head goes out at once: what follows may take its time. */
  readonly isStream: boolean;
}

/** Writes a member's response to the client as it comes. */
class ResponseRelay implements ResponseHandler {
  readonly #options: RelayOptions;
  #control: ResponseControl | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  onHead({ statusCode, statusMessage, rawHeaders }: ResponseHead, control: ResponseControl): void {
    const { res, isStream } = this.#options;
    this.#control = control;
    res.on('drain', () => {
      control.resume();
    });
    res.writeHead(statusCode, statusMessage, relayedHeaders(rawHeaders));
    if (isStream) res.flushHeaders();
  }

  onData(chunk: Buffer): void {
    if (!this.#options.res.write(chunk)) this.#control?.pause();
  }

  onEnd(): void {
    this.#options.res.end();
    this.#readOut();
  }

  onError(error: Error): void {
    const { res, reject } = this.#options;
    if (res.headersSent) {
      res.destroy();
    } else {
      reject(error);
      this.#readOut();
    }
  }

  /** A member may answer before it has read all; the client's next request stands behind the rest. */
  #readOut(): void {
    const { req } = this.#options;
    if (req.complete || req.destroyed) return;
    req.unpipe();
    req.resume();
  }
}
