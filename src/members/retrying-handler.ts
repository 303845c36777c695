import { Readable } from 'node:stream';
import type { MemberRequest, ResponseControl, ResponseHandler, ResponseHead } from './member.ts';

const STALE_CONNECTION_CODES = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

export interface RetryingOptions {
  readonly request: MemberRequest;
  readonly handler: ResponseHandler;
  /** Reads the credentials anew; resolves to whether they are others than those refused. */
  readonly renew: () => Promise<boolean>;
  /** Sends the request once more, in place of this response. */
  readonly again: () => void;
}

/**
 * A refused credential is read anew and tried once more, and so is a read whose kept-alive connection
 * turned out to be closed; only where the request can be said twice. All else is passed on.
 */
export class RetryingHandler implements ResponseHandler {
  readonly #options: RetryingOptions;
  readonly #canRepeat: boolean;
  /** Calls that wait for a decision on a 401: a pause does not hold back what was read already. */
  #held: (() => void)[] | undefined;
  #hasHead = false;
  #isOver = false;

  constructor(options: RetryingOptions) {
    this.#options = options;
    this.#canRepeat = !(options.request.body instanceof Readable);
  }

  onHead(head: ResponseHead, control: ResponseControl): void {
    this.#hasHead = true;
    const { handler, renew } = this.#options;
    if (head.statusCode !== 401) {
      handler.onHead(head, control);
      return;
    }
    control.pause();
    this.#held = [
      () => {
        handler.onHead(head, control);
      },
    ];
    void renew().then((isNewer) => {
      this.#decide(isNewer && this.#canRepeat, control);
    });
  }

  onData(chunk: Buffer): void {
    this.#pass(() => {
      this.#options.handler.onData(chunk);
    });
  }

  onEnd(): void {
    this.#pass(() => {
      this.#options.handler.onEnd();
    });
  }

  onError(error: Error): void {
    this.#isOver = true;
    const isRepeatable = !this.#hasHead && this.#canRepeat;
    if (isRepeatable && isStaleConnection(this.#options.request, error)) this.#options.again();
    else this.#options.handler.onError(error);
  }

  #pass(call: () => void): void {
    if (this.#held) this.#held.push(call);
    else call();
  }

  #decide(isToRepeat: boolean, control: ResponseControl): void {
    if (this.#isOver) return;
    const held = this.#held ?? [];
    this.#held = undefined;
    if (isToRepeat) {
      control.abort();
      this.#options.again();
      return;
    }
    for (const call of held) call();
    control.resume();
  }
}

function isStaleConnection({ method }: MemberRequest, error: Error): boolean {
  const { cause } = error;
  if (method !== 'GET' && method !== 'HEAD') return false;
  return (
    cause instanceof Error &&
    'code' in cause &&
    typeof cause.code === 'string' &&
    STALE_CONNECTION_CODES.has(cause.code)
  );
}
