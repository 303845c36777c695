import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Registry, collectDefaultMetrics } from 'prom-client';
import { clusterDefinition, viewDefinition, type ApiEnablement } from '../api/index.ts';
import type { Authenticator, Authorizer } from '../identity/index.ts';
import type { VersionClock } from '../kube/index.ts';
import type { Fleet, Member } from '../members/index.ts';
import { proxyRequest, proxyUpgrade } from '../proxy/index.ts';
import { clusterObjects } from './cluster-objects.ts';
import { ownDocuments } from './documents.ts';
import type { Exchange, ViewHandler } from './exchange.ts';
import { createGate, type Handler, type UpgradeHandler } from './gate.ts';
import type { HealthCheck } from './health.ts';
import { listen, type Listener, type ServingCertificate } from './listener.ts';
import { registerGauges, type MetricsSources } from './member-metrics.ts';
import { memberOf, memberTarget, unknownName } from './member-path.ts';
import { OpenRequests } from './open-requests.ts';
import { OwnCollection } from './own-collection.ts';
import { createRequestMetrics } from './request-metrics.ts';
import {
  kubernetesVersionText,
  serveOfEveryApi,
  serveRoot,
  type RootApiDependencies,
} from './root-api.ts';
import { KARMADA_VIEW } from './route.ts';
import { builtInViews } from './view-objects.ts';

export interface ServerDependencies {
  readonly listen: {
    readonly address: string;
    /** 0 takes any free port. */ readonly port: number;
  };
  readonly certificate: ServingCertificate;
  /** Tried in this order. */
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  readonly fleet: Fleet;
  readonly views: ViewHandler;
  /** Checks of the parts behind this server. */
  readonly checks: readonly HealthCheck[];
  /** What a member serves, for its Cluster object; undefined while unknown. */
  readonly apiEnablements: (member: string) => readonly ApiEnablement[] | undefined;
  readonly metrics: MetricsSources;
  readonly clock: VersionClock;
  /** Of this program. */
  readonly version: string;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Between failing /readyz and taking no more connections, so that balancers notice. */
  readonly shutdownDelayMs: number;
}

export interface Server {
  readonly address: string;
  readonly port: number;
  setCertificate(certificate: ServingCertificate): void;
  /** Makes the Cluster and View objects anew: call it when what a member serves has changed. */
  refresh(): void;
  /** Ends in order: not ready, no new connections, answers finish, watches end, the rest is cut. */
  close(): Promise<void>;
}

/** How long short requests may finish, and then watches may end, when the server closes. */
const SHORT_GRACE_MS = 5_000;
const LONG_GRACE_MS = 4_000;

/** Starts serving; resolves when the port is open. */
export async function startServer(dependencies: ServerDependencies): Promise<Server> {
  const openRequests = new OpenRequests();
  const closing = { isClosing: false };
  const own = ownObjects(dependencies);
  const registry = createRegistry(dependencies);
  const root: RootApiDependencies = {
    checks: [...dependencies.checks, ...ownChecks(closing)],
    documents: ownDocuments(kubernetesVersionText(dependencies.version)),
    collections: own.collections,
    registry,
    version: dependencies.version,
    now: dependencies.now,
  };
  const gate = createGate({
    ...dependencies,
    openRequests,
    metrics: createRequestMetrics(registry, openRequests),
    handle: handler(dependencies, root),
    upgrade: upgradeHandler(dependencies, root),
    isClosing: () => closing.isClosing,
  });
  const { listen: place, certificate, log } = dependencies;
  const listener = await listen({ ...place, certificate, gate, log });
  return {
    address: listener.address,
    port: listener.port,
    setCertificate: (next) => {
      listener.setCertificate(next);
    },
    refresh: own.refresh,
    close: async () => {
      closing.isClosing = true;
      await sleep(dependencies.shutdownDelayMs);
      await drain(listener, openRequests);
      own.close();
    },
  };
}

function createRegistry({ metrics }: ServerDependencies): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, metrics);
  return registry;
}

function ownChecks(closing: { isClosing: boolean }): HealthCheck[] {
  return [
    { name: 'ping', endpoints: ['livez', 'readyz', 'healthz'], failure: () => undefined },
    {
      name: 'shutdown',
      endpoints: ['readyz'],
      failure: () => (closing.isClosing ? 'the server is closing' : undefined),
    },
  ];
}

/** The kinds of ours that follow the fleet. */
function ownObjects({ fleet, clock, now, apiEnablements }: ServerDependencies) {
  const clusters = new OwnCollection({ definition: clusterDefinition, clock });
  const views = new OwnCollection({ definition: viewDefinition, clock });
  const joinedAt = new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z');
  const describe = clusterObjects({ apiEnablements, joinedAt, now });
  let ends: (() => void)[] = [];
  const refresh = (): void => {
    clusters.replace(describe(fleet.members));
    views.replace(
      builtInViews(
        fleet.members.map(({ name }) => name),
        joinedAt,
      ),
    );
  };
  const follow = (): void => {
    for (const end of ends) end();
    ends = fleet.members.map(({ health }) => health.onChange(refresh));
    refresh();
  };
  const endFleet = fleet.onChange(follow);
  follow();
  const close = (): void => {
    endFleet();
    for (const end of ends) end();
  };
  return { collections: [clusters, views], refresh, close };
}

/** Sends each request to what answers it. */
function handler(dependencies: ServerDependencies, root: RootApiDependencies): Handler {
  const { fleet, views } = dependencies;
  return async (route, exchange) => {
    switch (route.kind) {
      case 'member':
        await passToMember(memberOf(fleet, route.member), exchange);
        return;
      case 'view':
        checkView(route.view, root);
        if (!serveOfEveryApi(exchange, root)) await views.handle(route.view, exchange);
        return;
      case 'root':
        await serveRoot(exchange, root);
    }
  };
}

async function passToMember(member: Member, exchange: Exchange): Promise<void> {
  const { req, res, path, rawQuery, signal } = exchange;
  const endCleanly = (): void => {
    if (signal.reason === 'server closing' && res.headersSent) res.end();
  };
  signal.addEventListener('abort', endCleanly, { once: true });
  await proxyRequest({ member, req, res, path: memberTarget(member, path, rawQuery) });
}

function upgradeHandler(
  dependencies: ServerDependencies,
  root: RootApiDependencies,
): UpgradeHandler {
  const { fleet, views } = dependencies;
  return async (route, exchange) => {
    switch (route.kind) {
      case 'member': {
        const { req, socket, head, path, rawQuery } = exchange;
        const member = memberOf(fleet, route.member);
        const target = memberTarget(member, path, rawQuery);
        await proxyUpgrade({ member, req, socket, head, path: target });
        return;
      }
      case 'view':
        checkView(route.view, root);
        await views.upgrade(route.view, exchange);
        return;
      case 'root':
        // Nothing here leaves HTTP: a watch asked for over WebSocket is answered as a plain stream.
        await serveRoot(exchange, root);
    }
  };
}

function checkView(view: string, { collections }: RootApiDependencies): void {
  if (view === KARMADA_VIEW) return;
  const own = collections.find(({ definition }) => definition.kind === viewDefinition.kind);
  if (own?.get(view)) return;
  const known = own?.list().map(({ metadata }) => metadata.name) ?? [];
  throw unknownName({ group: 'flotilla.io', kind: 'views' }, { name: view, known });
}

async function drain(listener: Listener, openRequests: OpenRequests): Promise<void> {
  const closed = listener.stopAccepting();
  await openRequests.ended('short', AbortSignal.timeout(SHORT_GRACE_MS));
  openRequests.endAll();
  await openRequests.ended('long-running', AbortSignal.timeout(LONG_GRACE_MS));
  listener.closeAllConnections();
  await closed;
}
