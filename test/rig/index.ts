/**
 * Real Kubernetes clusters for tests: kube-apiservers of two versions with controllers, schedulers and
 * fake nodes, started in seconds from binaries that are built once. README.md here tells how to use it.
 */
export { builtPart, type KubernetesVersion, type PartName } from './binaries.ts';
export { eventually, GiveUp, type Patience } from './eventually.ts';
export { freePort } from './free-port.ts';
export {
  kubectl,
  kubectlEnvironment,
  kubectlPath,
  startKubectl,
  type Finished,
  type KubectlOptions,
  type KubectlVersion,
} from './kubectl.ts';
export { writeKubeconfig, type KubeconfigEntry } from './kubeconfig.ts';
export { writeImage, type Image } from './real-node/oci-image.ts';
export { TOKENS } from './member-files.ts';
export type { Member, MemberOptions } from './member.ts';
export { rigSkipReason } from './rig-skip-reason.ts';
export { startFleet, type Fleet, type FleetOptions } from './start-fleet.ts';
export {
  realNodeSkipReason,
  startRealNode,
  type RealMember,
  type RealNodeOptions,
} from './real-node/start-real-node.ts';
