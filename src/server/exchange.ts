import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { User } from '../identity/index.ts';

/** One request and the way to answer it, after authentication and authorization. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly user: User;
  /** Raw path below the prefix that chose the handler; begins with '/', without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** As it came, without its question mark; '' for none. */
  readonly rawQuery: string;
  /** Aborted when the client is gone, or when the server closes: end the stream cleanly then. */
  readonly signal: AbortSignal;
  /** Adds a `Warning: 299 - "…"` header line; repeated texts and what exceeds the bounds are left out. */
  readonly addWarning: (text: string) => void;
  readonly log: Logger;
}

/**
 * An exchange that may leave HTTP: answer through `res` as usual, or write the answer's head to
 * `socket` and use it as a two-way stream.
 */
export interface UpgradeExchange extends Exchange {
  readonly socket: Duplex;
  /** What the client sent after the request's head. */
  readonly head: Buffer;
}

/** Answers everything below a view's path. A thrown error is answered as a v1 Status. */
export interface ViewHandler {
  /** @param view - the view's name; `KARMADA_VIEW` for Karmada's path */
  handle(view: string, exchange: Exchange): Promise<void>;
  upgrade(view: string, exchange: UpgradeExchange): Promise<void>;
}
