import type { Duplex, Readable } from 'node:stream';

/** Header name → value; several values are several lines. */
export type MemberHeaders = Readonly<Record<string, string | readonly string[]>>;

/** One request to a member. */
export interface MemberRequest {
  readonly method: string;
  /** Raw path and query, beginning with '/'; appended to the path of the member's server address. */
  readonly path: string;
  /** Sent besides the member's credentials; any Authorization, Host or hop-by-hop header is dropped. */
  readonly headers?: MemberHeaders;
  /** Owned by the request from here on: a stream is destroyed when the request fails. */
  readonly body?: Buffer | Readable;
  /** Ends the request at once, at any point. */
  readonly signal?: AbortSignal;
  /** Until the response head is there, counted anew while a body is being sent; 0 = unlimited. */
  readonly headersTimeoutMs: number;
  /** Silence allowed between two chunks of the response body; 0 = unlimited (watches, logs). */
  readonly bodyTimeoutMs: number;
}

/** A response whose body is still to come. */
export interface MemberResponse {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Name, value, name, value… as the member wrote them. */
  readonly rawHeaders: readonly string[];
  /** Must be read or destroyed. Fails with a StatusError when the member breaks off. */
  readonly body: Readable;
}

/** A response with its whole body. */
export interface MemberReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** A request whose answer is wanted whole. */
export interface MemberFetch extends Omit<MemberRequest, 'bodyTimeoutMs' | 'headersTimeoutMs'> {
  /** Over all: connection, head and body. */
  readonly timeoutMs: number;
  /** Default 64 MiB; a longer body fails the request. */
  readonly maxBytes?: number;
}

/** What steers a response while it streams. */
export interface ResponseControl {
  pause(): void;
  resume(): void;
  /** Ends the request without a further call to its handler. */
  abort(): void;
}

/** The head of a response as it came over the wire. */
export interface ResponseHead {
  readonly statusCode: number;
  readonly statusMessage: string;
  /** Name, value, name, value…, latin1. */
  readonly rawHeaders: readonly string[];
}

/** Receives a response piece by piece, without a stream in between: the fast way. */
export interface ResponseHandler {
  onHead(head: ResponseHead, control: ResponseControl): void;
  /** The chunk belongs to the handler. */
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** Called at most once, and not after onEnd; always a StatusError. */
  onError(error: Error): void;
}

/** A request that asks for another protocol on the connection. */
export interface MemberUpgrade {
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value…; written as they are, but for Host and Authorization. */
  readonly rawHeaders: readonly string[];
  /** Until the response head is there. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The answer to an upgrade, which need not be 101. */
export interface MemberUpgradeResponse {
  readonly statusCode: number;
  /** Status line and headers as the member wrote them, up to and with the empty line. */
  readonly rawHead: Buffer;
  /** Paused; owned by the caller, who must pipe or destroy it. */
  readonly socket: Duplex;
  /** Bytes that came after the head. */
  readonly head: Buffer;
}

/** What is known of a member's health, kept by probes. */
export interface MemberHealth {
  /** A probe was answered within the last 5 s. */
  readonly isAlive: boolean;
  /** Epoch milliseconds of the last answered probe. */
  readonly lastAnswerMs: number | undefined;
  /** Why the last probe failed, or that the member refuses our credentials; undefined when all is well. */
  readonly lastError: string | undefined;
  /** From `/version`, such as `v1.36.3`. */
  readonly gitVersion: string | undefined;
  /** Uid of namespace kube-system: the identity of the cluster. */
  readonly uid: string | undefined;
  /** Calls the listener after any of the above but lastAnswerMs has changed; returns what ends that. */
  onChange(listener: () => void): () => void;
}

/**
 * One member cluster. All methods fail with a StatusError only: ServiceUnavailable that names the member
 * when it can't be reached, understood or logged in to, Timeout for a deadline.
 */
export interface Member {
  /** Unique in the fleet: lower-case letters, digits and `-`, at most 48 characters. */
  readonly name: string;
  /** Where it is; changes when its kubeconfig does. */
  readonly server: URL;
  readonly health: MemberHealth;
  /** One request with the member's own credentials; resolves with the response's head. */
  request(options: MemberRequest): Promise<MemberResponse>;
  /** One request whose response is handed over piece by piece. */
  dispatch(options: MemberRequest, handler: ResponseHandler): void;
  /** One request, its whole answer in memory. */
  fetch(options: MemberFetch): Promise<MemberReply>;
  /** Sends an upgrade over a connection of its own; resolves when the member's response head has come. */
  upgrade(options: MemberUpgrade): Promise<MemberUpgradeResponse>;
}

/** All members. */
export interface Fleet {
  /** Sorted by name; a further name of a cluster that is in the list already is left out. */
  readonly members: readonly Member[];
  get(name: string): Member | undefined;
  /** Calls the listener after `members` has changed; returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Begins to probe. */
  start(): void;
  /** Resolves when each member has been probed once, whatever came of it. */
  whenProbed(): Promise<void>;
  /** Ends probes, requests and connections. */
  close(): Promise<void>;
}

/** The part of a logger that this room uses; pino's has it. */
export interface MemberLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
