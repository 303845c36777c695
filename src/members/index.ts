/**
 * Member clusters: their addresses, credentials, connections and health.
 * Promises that a member in trouble is named, never waited for past a deadline, and can't use up what
 * others need; that credentials are followed as they rotate. Imports `kube` only.
 */
export * from './member.ts';
export type { Access, AccessSource, TlsMaterial } from './access.ts';
export { connectMember, type ConnectedMember, type ConnectOptions } from './connect-member.ts';
export { HealthProbe, type ProbeOptions } from './probe-health.ts';
