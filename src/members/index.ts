/**
 * Member clusters: their addresses, credentials, connections and health.
 * Promises that a member in trouble is named, never waited for past a deadline, and can't use up what
 * others need; that credentials are followed as they rotate. Imports `kube` only.
 */
export * from './member.ts';
export type { Access, AccessSource, TlsMaterial } from './access.ts';
export { IN_CLUSTER, connectCluster, type ConnectClusterOptions } from './connect-cluster.ts';
export { connectMember, type ConnectedMember, type ConnectOptions } from './connect-member.ts';
export { createFleet, type FleetMember } from './fleet.ts';
export { OWN_EXTENSION, fleetFromKubeconfig, type FleetOptions } from './fleet-from-kubeconfig.ts';
export { memberNames, type MemberNames, type NamedContext } from './member-names.ts';
export { HealthProbe, type ProbeOptions } from './probe-health.ts';
