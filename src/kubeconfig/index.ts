/**
 * Kubeconfigs: which contexts become members, under which names, and with what credentials each is
 * reached, followed as files change and tokens run out. Imports members and kube.
 */
export { IN_CLUSTER, connectCluster, type ConnectClusterOptions } from './connect-cluster.ts';
export { OWN_EXTENSION, fleetFromKubeconfig, type FleetOptions } from './fleet-from-kubeconfig.ts';
export { memberNames, type MemberNames, type NamedContext } from './member-names.ts';
