/**
 * Member clusters: their connections and health.
 * Promises that a member in trouble is named, never waited for past a deadline, and can't use up what
 * others need; that credentials are asked for anew when they are refused. Imports `kube` only.
 */
export * from './member.ts';
export type { Access, AccessSource, TlsMaterial } from './access.ts';
export { connectMember, type ConnectedMember, type ConnectOptions } from './connect-member.ts';
export { createFleet, type FleetMember } from './fleet.ts';
export { bareHost, portOf } from './open-tunnel.ts';
export { HealthProbe, type ProbeOptions } from './probe-health.ts';
