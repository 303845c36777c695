import { randomUUID } from 'node:crypto';
import { ServerResponse, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import {
  ANONYMOUS,
  authenticate,
  authorize,
  type Access,
  type Authenticator,
  type Authorizer,
  type User,
} from '../identity/index.ts';
import { badRequest, isTrue } from '../kube/index.ts';
import { accessOf } from './access.ts';
import type { Exchange, UpgradeExchange } from './exchange.ts';
import { isPublicPath } from './health.ts';
import { refuseImpersonation, stripIdentityHeaders } from './identity-headers.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { Length, OpenRequests } from './open-requests.ts';
import {
  findRoute,
  readQuery,
  readTarget,
  serverNameOf,
  type Route,
  type Target,
} from './route.ts';
import { warningWriter } from './warnings.ts';
import { writeError } from './write-error.ts';

/** Answers one request that may pass; throws what becomes its Status. */
export type Handler = (route: Route, exchange: Exchange) => Promise<void>;
/** The same for a request that asks to leave HTTP. */
export type UpgradeHandler = (route: Route, exchange: UpgradeExchange) => Promise<void>;

export interface GateDependencies {
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  readonly openRequests: OpenRequests;
  readonly metrics: RequestMetrics;
  readonly handle: Handler;
  readonly upgrade: UpgradeHandler;
  readonly log: Logger;
  /** Whether the server closes: connections are not kept then. */
  readonly isClosing: () => boolean;
  /** Milliseconds; any origin. */
  readonly now: () => number;
}

/** What every request passes: route, identity, rights, and one place where failures become answers. */
export interface Gate {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
}

interface Passing {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer };
}

export function createGate(dependencies: GateDependencies): Gate {
  return {
    handle: (req, res) => pass(dependencies, { req, res }),
    upgrade: (req, socket, head) => {
      socket.on('error', (err) => {
        dependencies.log.debug({ err }, 'stream broke');
      });
      const res = responseOver(req, socket);
      return pass(dependencies, { req, res, upgrade: { socket, head } });
    },
  };
}

/** For an answer that stays within HTTP, the last on its connection. */
function responseOver(req: IncomingMessage, socket: Duplex): ServerResponse {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  if (socket instanceof Socket) res.assignSocket(socket);
  res.once('finish', () => {
    socket.end();
  });
  return res;
}

async function pass(dependencies: GateDependencies, passing: Passing): Promise<void> {
  const { req, res } = passing;
  const startedAt = dependencies.now();
  res.on('error', (err) => {
    dependencies.log.debug({ err }, 'answer broke off');
  });
  const record: { user?: User; access?: Access; length: Length } = { length: 'short' };
  res.once('close', () => {
    const ms = dependencies.now() - startedAt;
    const { method = '', url = '' } = req;
    const { user, access, length } = record;
    const code = passing.upgrade && !res.headersSent ? 101 : res.statusCode;
    dependencies.metrics.observe({ method, access, length, code, seconds: ms / 1000 });
    dependencies.log.debug({ method, path: pathOf(url), code, ms, user: user?.name }, 'request');
  });
  try {
    await answer(dependencies, passing, record);
  } catch (thrown) {
    writeError(res, thrown, dependencies.log);
  }
}

async function answer(
  dependencies: GateDependencies,
  passing: Passing,
  record: { user?: User; access?: Access; length: Length },
): Promise<void> {
  const { req, res, upgrade } = passing;
  if (dependencies.isClosing()) res.shouldKeepAlive = false;
  if (req.httpVersion === '1.1' && req.headers.host === undefined) {
    throw badRequest('missing required Host header');
  }
  const target = readTarget(req.url ?? '');
  const route = findRoute(serverNameOf(req), target.path);
  if (route.kind !== 'member') setOwnHeaders(req, res);
  const isPublic = route.kind === 'root' && isPublicPath(route.path);
  const user = isPublic ? ANONYMOUS : await authenticate(dependencies.authenticators, req);
  record.user = user;
  stripIdentityHeaders(req, (header) => isClaimed(dependencies.authenticators, header));
  const query = readQuery(target.rawQuery);
  if (!isPublic) {
    refuseImpersonation(req);
    record.access = accessOf(route, req.method ?? '', query);
    await authorize(dependencies.authorizers, user, record.access);
  }
  record.length = lengthOf(query, upgrade !== undefined);
  const signal = dependencies.openRequests.begin(res, record.length, upgrade?.socket);
  const exchange = openExchange(passing, {
    route,
    target,
    user,
    query,
    signal,
    log: dependencies.log,
  });
  if (upgrade) await dependencies.upgrade(route, { ...exchange, ...upgrade });
  else await dependencies.handle(route, exchange);
}

function isClaimed(authenticators: readonly Authenticator[], header: string): boolean {
  return authenticators.some((authenticator) => authenticator.claims?.(header) === true);
}

function openExchange(
  { req, res }: Passing,
  given: {
    route: Route;
    target: Target;
    user: User;
    query: URLSearchParams;
    signal: AbortSignal;
    log: Logger;
  },
): Exchange {
  const { route, target, user, query, signal, log } = given;
  const { rawQuery } = target;
  const addWarning = warningWriter(res);
  return { req, res, user, path: route.path, query, rawQuery, signal, addWarning, log };
}

/** A member's answer has its own headers; ours carry what kube-apiserver's carry. */
function setOwnHeaders(req: IncomingMessage, res: ServerResponse): void {
  const given = req.headers['audit-id'];
  const isUsable = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given);
  res.setHeader('Audit-ID', isUsable ? given : randomUUID());
  res.setHeader('Cache-Control', 'no-cache, private');
}

function lengthOf(query: URLSearchParams, isUpgrade: boolean): Length {
  const isLong = isUpgrade || isTrue(query, 'watch') || isTrue(query, 'follow');
  return isLong ? 'long-running' : 'short';
}

/** The query stays out of logs: commands and tokens travel in it. */
function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}
