import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Credential } from '../rig/pki.ts';

/** What goes wrong between us and the member. */
export type Fault =
  | 'none'
  /** Every answer begins seconds late. */
  | 'slow'
  /** Bytes are held back in both directions, connections stay open. */
  | 'black-holed'
  /** For a second all is well, for a second all connections are cut and none is taken. */
  | 'flapping'
  /** Every connection is cut when half of the first piece of a body has come. */
  | 'cut mid-body'
  /** Another program answers with a page. */
  | 'html'
  /** JSON that breaks off, with a length that says that this is all. */
  | 'broken JSON'
  /** What answers does not speak HTTP. */
  | 'no HTTP'
  /** The member does not know our credential any more. */
  | 'revoked'
  /** It knows us, and we may do nothing. */
  | 'forbidden'
  /** The member's API server can't be reached by what stands in front of it. */
  | 'bad gateway'
  /** No watch may go on from where it was: its history is gone. */
  | 'history gone'
  /** Nobody knows anything: not even what it served before. */
  | 'not found';

const SLOW_MS = 6_000;
const FLAP_MS = 1_000;

/** Stands in front of a member and passes its bytes on, until it is told to behave badly. */
export interface FaultyProxy {
  readonly url: string;
  /** Connections that are open cut at the change, but for those of `slow` and `black-holed`. */
  readonly set: (fault: Fault) => void;
  /** Requests that came since the last change of the fault. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export interface FaultyProxyOptions {
  /** The member. */
  readonly target: string;
  readonly authority: string;
  /** To be served with: of the member's authority. */
  readonly credential: Credential;
  /** Put in place of what the client sends. */
  readonly tokens: { readonly revoked: string; readonly forbidden: string };
}

export async function startFaultyProxy(options: FaultyProxyOptions): Promise<FaultyProxy> {
  const proxy = new Proxy(options);
  await proxy.listen();
  return proxy;
}

class Proxy implements FaultyProxy {
  readonly #options: FaultyProxyOptions;
  readonly #server;
  readonly #agent: Agent;
  readonly #sockets = new Set<Socket>();
  readonly #held = new Set<() => void>();
  #fault: Fault = 'none';
  #requests = 0;
  #isDown = false;
  #flapper: NodeJS.Timeout | undefined;
  url = '';

  constructor(options: FaultyProxyOptions) {
    this.#options = options;
    this.#agent = new Agent({ ca: options.authority, keepAlive: true });
    this.#server = createServer(
      { key: options.credential.key, cert: options.credential.certificate },
      (req, res) => {
        this.#answer(req, res);
      },
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
      if (this.#isDown) socket.destroy();
    });
    this.#server.on('secureConnection', (socket) => {
      if (this.#fault === 'no HTTP') socket.end('220 mail.example.com ESMTP\r\n');
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  readonly set = (fault: Fault): void => {
    clearInterval(this.#flapper);
    this.#fault = fault;
    this.#isDown = false;
    this.#requests = 0;
    for (const go of this.#held) go();
    this.#held.clear();
    if (fault !== 'slow' && fault !== 'black-holed' && fault !== 'none') this.#cut();
    if (fault !== 'flapping') return;
    this.#flapper = setInterval(() => {
      this.#isDown = !this.#isDown;
      if (this.#isDown) this.#cut();
    }, FLAP_MS);
  };

  readonly requests = (): number => this.#requests;

  readonly close = async (): Promise<void> => {
    this.set('none');
    this.#cut();
    this.#agent.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  };

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    this.#requests += 1;
    const path = req.url ?? '/';
    if (this.#fault === 'html') {
      res.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in to continue</html>');
    } else if (this.#fault === 'broken JSON') {
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"ConfigMap","ite');
    } else if (this.#fault === 'not found') {
      res.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    } else if (this.#fault === 'bad gateway') {
      res.writeHead(502, { 'content-type': 'text/plain' }).end('no healthy upstream\n');
    } else if (this.#fault === 'history gone' && /[?&]watch=1\b.*resourceVersion=\d/.test(path)) {
      this.#sayGone(res);
    } else if (this.#fault === 'slow') {
      setTimeout(() => {
        this.#pass(req, res);
      }, SLOW_MS);
    } else if (this.#fault === 'black-holed') {
      this.#held.add(() => {
        this.#pass(req, res);
      });
    } else this.#pass(req, res);
  }

  /** As kube-apiserver tells it: in a stream that has begun well. */
  #sayGone(res: ServerResponse): void {
    const message = 'too old resource version: 1 (2)';
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
    const object = { ...status, reason: 'Expired', code: 410 };
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
  }

  #pass(req: IncomingMessage, res: ServerResponse): void {
    const { tokens, target } = this.#options;
    const headers = { ...req.headers };
    if (this.#fault === 'revoked') headers.authorization = `Bearer ${tokens.revoked}`;
    if (this.#fault === 'forbidden') headers.authorization = `Bearer ${tokens.forbidden}`;
    const call = request(new URL(req.url ?? '/', target), {
      method: req.method,
      headers,
      agent: this.#agent,
    });
    call.once('response', (answer) => {
      void this.#relay(answer, res);
    });
    call.on('error', () => res.destroy());
    res.once('close', () => call.destroy());
    req.pipe(call satisfies ClientRequest);
  }

  async #relay(answer: IncomingMessage, res: ServerResponse): Promise<void> {
    await this.#whenOpen();
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    res.flushHeaders();
    const closed = once(res, 'close').catch(() => undefined);
    try {
      for await (const chunk of answer) {
        await this.#whenOpen();
        const bytes = chunk as Buffer;
        if (this.#fault === 'cut mid-body') {
          res.write(bytes.subarray(0, bytes.length >> 1), () => res.destroy());
          return;
        }
        if (res.destroyed) return;
        if (!res.write(bytes)) await Promise.race([once(res, 'drain'), closed]);
      }
      res.end();
    } catch {
      res.destroy();
    }
  }

  async #whenOpen(): Promise<void> {
    if (this.#fault !== 'black-holed') return;
    await new Promise<void>((resolve) => this.#held.add(resolve));
  }
}
