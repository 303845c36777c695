import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Watches, logs and streams have no natural end; all other requests are answered soon. */
export type Length = 'short' | 'long-running';

/** Why a request's signal was aborted. */
export type AbortReason = 'client gone' | 'server closing';

interface OpenRequest {
  readonly controller: AbortController;
  readonly length: Length;
  readonly socket: Duplex | undefined;
}

/** Knows the requests that are being answered, so that a shutdown can wait for them and end them. */
export class OpenRequests {
  readonly #open = new Set<OpenRequest>();
  #waiting: (() => void)[] = [];

  /** The signal of a request that begins; it is forgotten when its answer is complete or cut. */
  begin(res: ServerResponse, length: Length, socket?: Duplex): AbortSignal {
    const request = { controller: new AbortController(), length, socket };
    this.#open.add(request);
    (socket ?? res).once('close', () => {
      if (socket ?? !res.writableFinished) this.#abort(request, 'client gone');
      this.#open.delete(request);
      for (const look of this.#waiting.splice(0)) look();
    });
    return request.controller.signal;
  }

  count(length: Length): number {
    return [...this.#open].filter((request) => request.length === length).length;
  }

  /** Resolves when no request of this length is open any more, or the signal says to wait no longer. */
  async ended(length: Length, signal: AbortSignal): Promise<void> {
    while (this.count(length) > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      });
    }
  }

  /** Asks every open request to end, and cuts the streams that left HTTP: they have no clean end. */
  endAll(): void {
    for (const request of this.#open) {
      this.#abort(request, 'server closing');
      request.socket?.destroy();
    }
  }

  #abort({ controller }: OpenRequest, reason: AbortReason): void {
    controller.abort(reason);
  }
}
