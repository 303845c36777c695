import type { Registry } from 'prom-client';
import { parseResourceRequest, unknownPath, unsupportedMethod } from '../kube/index.ts';
import { KUBERNETES_VERSION, type Documents } from './documents.ts';
import type { Exchange } from './exchange.ts';
import { serveHealth, type HealthCheck } from './health.ts';
import type { OwnCollection } from './own-collection.ts';
import { serveOwnResource } from './own-resources.ts';
import { respondJson, respond } from './respond.ts';

export interface RootApiDependencies {
  readonly checks: readonly HealthCheck[];
  readonly documents: Documents;
  readonly collections: readonly OwnCollection[];
  readonly registry: Registry;
  /** Of this program, such as `0.1.0`. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const PATHS = [
  ...['/api', '/apis', '/healthz', '/livez', '/metrics'],
  ...['/openapi/v2', '/openapi/v3', '/readyz', '/version'],
];

/** This server's own API: health, version, metrics, discovery and the kinds of ours. */
export async function serveRoot(
  exchange: Exchange,
  dependencies: RootApiDependencies,
): Promise<void> {
  const { method = '' } = exchange.req;
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead && (await serveFixedPath(exchange, dependencies))) return;
  const request = parseResourceRequest(method, exchange.path, exchange.query);
  const collection =
    request &&
    dependencies.collections.find(
      ({ definition: { group, version, plural } }) =>
        group === request.group && version === request.version && plural === request.resource,
    );
  if (!collection) throw unknownPath();
  await serveOwnResource({ exchange, request, collection, now: dependencies.now });
}

async function serveFixedPath(
  exchange: Exchange,
  { checks, documents, registry, version }: RootApiDependencies,
): Promise<boolean> {
  if (serveOfEveryApi(exchange, { checks, version }) || documents.serve(exchange)) return true;
  switch (exchange.path) {
    case '/':
      respondJson(exchange, { paths: PATHS });
      return true;
    case '/metrics':
      respond(exchange, {
        statusCode: 200,
        headers: { 'Content-Type': registry.contentType },
        body: await registry.metrics(),
      });
      return true;
    default:
      return false;
  }
}

/** What clients ask any API for, and a view does not know by its members: health and version. */
export function serveOfEveryApi(
  exchange: Exchange,
  { checks, version }: Pick<RootApiDependencies, 'checks' | 'version'>,
): boolean {
  if (serveHealth(exchange, checks)) return true;
  if (exchange.path !== '/version') return false;
  if (exchange.req.method !== 'GET' && exchange.req.method !== 'HEAD') throw unsupportedMethod();
  respondJson(exchange, versionInfo(version));
  return true;
}

/** A plain semantic version of Kubernetes first, since clients compare it; ours follows as build data. */
export function kubernetesVersionText(version: string): string {
  const { major, minor, patch } = KUBERNETES_VERSION;
  return `v${major}.${minor}.${patch}+flotilla-${version}`;
}

function versionInfo(version: string): object {
  const { major, minor } = KUBERNETES_VERSION;
  return {
    major,
    minor,
    gitVersion: kubernetesVersionText(version),
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch}`,
  };
}
