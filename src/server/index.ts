/**
 * The HTTP edge: TLS, routes, identity, one gate for failures, health, metrics, our own kinds, and
 * the handing over of what belongs to a member or a view. The only room that knows Fastify.
 */
export { viewAccess } from './access.ts';
export type { Exchange, UpgradeExchange, ViewHandler } from './exchange.ts';
export type { HealthCheck, HealthEndpoint } from './health.ts';
export type { ServingCertificate } from './listener.ts';
export type { CertificateExpiries, MemberSnapshot, MetricsSources } from './member-metrics.ts';
export { memberSnapshots } from './member-snapshots.ts';
export { ALL_VIEW, CONTROL_PLANE_VIEW, KARMADA_VIEW } from './route.ts';
export { startServer, type Server, type ServerDependencies } from './start-server.ts';
export { createViewHandler } from './view-handler.ts';
