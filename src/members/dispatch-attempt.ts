import type { Dispatcher } from 'undici';
import type { Access } from './access.ts';
import { abandoned, deadlineExceeded, describeFailure } from './describe-failure.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { MemberRequest, ResponseControl, ResponseHandler, ResponseHead } from './member.ts';

/** Not to be forwarded: they belong to one connection, or are ours to set. */
const OWN_HEADERS = new Set([
  'authorization',
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What a started attempt can be told. */
export interface Attempt {
  /** Lets the head come within `timeoutMs` from now, if it was allowed more. */
  hurry(timeoutMs: number): void;
  /** Ends it without a further word to its handler. */
  drop(): void;
  /** Ends it with an error. */
  fail(error: Error): void;
}

export interface AttemptOptions {
  readonly cluster: string;
  readonly lanes: Lanes;
  readonly lane: Lane;
  readonly access: Access;
  readonly request: MemberRequest;
  /** 0 = unlimited. */
  readonly headersTimeoutMs: number;
  readonly handler: ResponseHandler;
  /** Called once, when nothing can follow any more. */
  readonly onSettled: () => void;
}

/** Sends a request once. Everything that happens is told to the handler, nothing is thrown. */
export function dispatchAttempt(options: AttemptOptions): Attempt {
  const exchange = new Exchange(options);
  const { lanes, lane, access, request } = options;
  try {
    lanes[lane].dispatch(
      {
        path: joinPath(access.server, request.path),
        method: request.method,
        headers: requestHeaders(request, access),
        body: request.body ?? null,
        headersTimeout: 0,
        bodyTimeout: request.bodyTimeoutMs,
        // A body on DELETE or a HEAD must not cost the connection.
        reset: false,
      },
      exchange,
    );
  } catch (error) {
    exchange.fail(error instanceof Error ? error : new Error(String(error)));
  }
  return exchange;
}

/** Puts a request's path below that of the member's server address. */
export function joinPath(server: URL, path: string): string {
  return server.pathname.replace(/\/$/, '') + path;
}

function requestHeaders({ headers = {} }: MemberRequest, access: Access): string[] {
  const own = new Set(access.headers.map(([name]) => name.toLowerCase()));
  const lines = access.headers.flatMap(([name, value]) => [name, value]);
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (OWN_HEADERS.has(lower) || own.has(lower)) continue;
    for (const line of typeof value === 'string' ? [value] : value) lines.push(name, line);
  }
  return lines;
}

/** Stands between the HTTP client and the handler: deadline, abort, and errors that name the member. */
class Exchange implements Attempt, Dispatcher.DispatchHandler, ResponseControl {
  readonly #options: AttemptOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deadlineMs = Infinity;
  #isSettled = false;
  #hasHead = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    options.request.signal?.addEventListener('abort', this.#onAbort);
    if (options.headersTimeoutMs > 0) this.hurry(options.headersTimeoutMs);
  }

  hurry(timeoutMs: number): void {
    const deadlineMs = performance.now() + timeoutMs;
    if (this.#hasHead || this.#isSettled || deadlineMs >= this.#deadlineMs) return;
    this.#deadlineMs = deadlineMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.fail(deadlineExceeded(this.#options.cluster, timeoutMs));
    }, timeoutMs);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    this.drop();
  }

  drop(): void {
    if (this.#settle()) this.#end(abandoned(this.#options.cluster, undefined));
  }

  fail(error: Error): void {
    if (!this.#settle()) return;
    const failure = describeFailure(this.#options.cluster, error);
    this.#end(failure);
    this.#options.handler.onError(failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isSettled) controller.abort(abandoned(this.#options.cluster, undefined));
  }

  /** A body that moves is no silence: a long upload may outlast the deadline. */
  onBodySent(): void {
    if (this.#timer && !this.#hasHead) this.#timer.refresh();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    _headers: unknown,
    statusMessage = '',
  ): void {
    if (statusCode < 200 || this.#isSettled) return;
    this.#hasHead = true;
    clearTimeout(this.#timer);
    const head = { statusCode, statusMessage, rawHeaders: latin1(controller.rawHeaders) };
    this.#tell((handler) => {
      handler.onHead(head, this);
    });
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#tell((handler) => {
      handler.onData(chunk);
    });
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    this.#options.handler.onEnd();
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.fail(error);
  }

  readonly #onAbort = (): void => {
    this.fail(abandoned(this.#options.cluster, this.#options.request.signal?.reason));
  };

  /** A handler that throws ends this exchange, not the connection pool. */
  #tell(act: (handler: ResponseHandler) => void): void {
    if (this.#isSettled) return;
    try {
      act(this.#options.handler);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.request.signal?.removeEventListener('abort', this.#onAbort);
    this.#options.onSettled();
    return true;
  }

  #end(reason: Error): void {
    this.#controller?.abort(reason);
  }
}

function latin1(raw: unknown): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((part: Buffer | string) =>
    typeof part === 'string' ? part : part.toString('latin1'),
  );
}

/** Raw header lines as a record with names in lower case; repeated ones become a list. */
export function headerRecord({
  rawHeaders,
}: Pick<ResponseHead, 'rawHeaders'>): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const before = record[name];
    if (before === undefined) record[name] = value;
    else record[name] = typeof before === 'string' ? [before, value] : [...before, value];
  }
  return record;
}
