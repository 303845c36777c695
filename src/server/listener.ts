import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { answerClientError } from './client-error.ts';
import type { Gate } from './gate.ts';

/** PEM texts that prove to clients who this server is. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface ListenerDependencies {
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly certificate: ServingCertificate;
  readonly gate: Gate;
  readonly log: Logger;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** New connections are shown this certificate; open ones live on. */
  setCertificate(certificate: ServingCertificate): void;
  /** Takes no new connections; resolves when the last one is closed. */
  stopAccepting(): Promise<void>;
  /** Closes connections that wait for a next request. */
  closeIdleConnections(): void;
  /** Cuts whatever is still open. */
  closeAllConnections(): void;
}

/** As kube-apiserver: long selectors and many headers are honest requests. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Longer than Go's 90 s idle pool, so that the client is the one that closes. */
const KEEP_ALIVE_MS = 120_000;
const HEADERS_TIMEOUT_MS = 32_000;
const HANDSHAKE_TIMEOUT_MS = 15_000;

function openHttps(
  { certificate, log }: ListenerDependencies,
  handler: Parameters<typeof createServer>[1],
): HttpsServer {
  const server = createServer(
    {
      ...certificate,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      // Asked for, but judged by ourselves: different authorities give a certificate different meanings.
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Answered by ourselves, with a Status.
      requireHostHeader: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0,
      keepAlive: true,
      noDelay: true,
    },
    handler,
  );
  server.on('tlsClientError', (err) => {
    log.debug({ err }, 'TLS handshake failed');
  });
  return server;
}

/**
 * Opens the TLS port. Every request is handed to the gate before Fastify looks at its body.
 * @throws the system's error when the address can't be listened on
 */
export async function listen(dependencies: ListenerDependencies): Promise<Listener> {
  const { gate } = dependencies;
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.hijack();
    await gate.handle(request.raw, reply.raw);
  };
  let server: HttpsServer | undefined;
  const app = fastify({
    serverFactory: (handler) => (server = openHttps(dependencies, handler)),
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, request, reply) => void serve(request, reply),
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: MAX_HEADER_BYTES },
    exposeHeadRoutes: false,
    return503OnClosing: false,
  });
  app.addHook('onRequest', serve);
  app.setNotFoundHandler(serve);
  await app.ready();
  if (!server) throw new Error('the server was not made');
  server.on('upgrade', (request, socket, head) => void gate.upgrade(request, socket, head));
  await app.listen({ host: dependencies.address, port: dependencies.port });
  return openListener(app, server);
}

function openListener(app: FastifyInstance, server: HttpsServer): Listener {
  const { address, port } = server.address() as AddressInfo;
  return {
    address,
    port,
    setCertificate: (certificate) => {
      server.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' });
    },
    stopAccepting: async () => {
      server.closeIdleConnections();
      await app.close();
    },
    closeIdleConnections: () => {
      server.closeIdleConnections();
    },
    closeAllConnections: () => {
      server.closeAllConnections();
    },
  };
}
