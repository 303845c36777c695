import { Readable } from 'node:stream';
import { memberUnavailable } from '../kube/index.ts';
import { headerRecord } from './dispatch-attempt.ts';
import type {
  MemberReply,
  MemberResponse,
  ResponseControl,
  ResponseHandler,
  ResponseHead,
} from './member.ts';

type Resolve<T> = (value: T) => void;
type Reject = (error: Error) => void;

/** Turns the calls of a handler into a response with a readable body. */
export class StreamingHandler implements ResponseHandler {
  readonly #resolve: Resolve<MemberResponse>;
  readonly #reject: Reject;
  #body: Readable | undefined;
  #control: ResponseControl | undefined;

  constructor(resolve: Resolve<MemberResponse>, reject: Reject) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onHead({ statusCode, rawHeaders }: ResponseHead, control: ResponseControl): void {
    this.#control = control;
    const body = new Readable({
      read: () => {
        control.resume();
      },
      destroy: (error, done) => {
        control.abort();
        done(error);
      },
    });
    // The body may fail before its reader has come; readers have listeners of their own.
    body.on('error', () => undefined);
    this.#body = body;
    this.#resolve({ statusCode, headers: headerRecord({ rawHeaders }), rawHeaders, body });
  }

  onData(chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) this.#control?.pause();
  }

  onEnd(): void {
    this.#body?.push(null);
  }

  onError(error: Error): void {
    if (this.#body) this.#body.destroy(error);
    else this.#reject(error);
  }
}

interface Collecting {
  readonly cluster: string;
  readonly maxBytes: number;
  readonly resolve: Resolve<MemberReply>;
  readonly reject: Reject;
}

/** Gathers a response into one buffer. */
export class CollectingHandler implements ResponseHandler {
  readonly #options: Collecting;
  readonly #chunks: Buffer[] = [];
  #head: ResponseHead = { statusCode: 0, statusMessage: '', rawHeaders: [] };
  #control: ResponseControl | undefined;
  #bytes = 0;

  constructor(options: Collecting) {
    this.#options = options;
  }

  onHead(head: ResponseHead, control: ResponseControl): void {
    this.#head = head;
    this.#control = control;
  }

  onData(chunk: Buffer): void {
    const { cluster, maxBytes, reject } = this.#options;
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    if (this.#bytes <= maxBytes) return;
    this.#control?.abort();
    reject(memberUnavailable(cluster, `its answer is longer than ${maxBytes} bytes`));
  }

  onEnd(): void {
    this.#options.resolve({
      statusCode: this.#head.statusCode,
      headers: headerRecord(this.#head),
      body: Buffer.concat(this.#chunks),
    });
  }

  onError(error: Error): void {
    this.#options.reject(error);
  }
}
