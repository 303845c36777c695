import type { MemberFiles } from './member-files.ts';

/** What a kube-apiserver needs to know besides its certificates. */
export interface ApiServerSettings {
  readonly files: MemberFiles;
  readonly etcdUrl: string;
  /** Keeps this member's keys apart from others' in the same etcd. */
  readonly etcdPrefix: string;
  readonly address: string;
  readonly port: number;
  /** Later flags win over earlier ones. */
  readonly extraFlags?: readonly string[];
}

/** Flags of a kube-apiserver, set up as an ordinary cluster's is: RBAC, aggregation, bootstrap tokens. */
export function apiServerFlags(settings: ApiServerSettings): string[] {
  const { files, etcdUrl, etcdPrefix, address, port, extraFlags = [] } = settings;
  return [
    `--etcd-servers=${etcdUrl}`,
    `--etcd-prefix=${etcdPrefix}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${files.path('server.crt')}`,
    `--tls-private-key-file=${files.path('server.key')}`,
    `--client-ca-file=${files.path('ca.crt')}`,
    `--token-auth-file=${files.path('tokens.csv')}`,
    '--enable-bootstrap-token-auth=true',
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.path('sa.pub')}`,
    `--service-account-signing-key-file=${files.path('sa.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
    ...aggregatorFlags(files),
    ...kubeletClientFlags(files),
    ...extraFlags,
  ];
}

const aggregatorFlags = (files: MemberFiles): string[] => [
  `--requestheader-client-ca-file=${files.path('front-proxy-ca.crt')}`,
  '--requestheader-allowed-names=front-proxy-client',
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  `--proxy-client-cert-file=${files.path('front-proxy.crt')}`,
  `--proxy-client-key-file=${files.path('front-proxy.key')}`,
];

const kubeletClientFlags = (files: MemberFiles): string[] => [
  `--kubelet-certificate-authority=${files.path('ca.crt')}`,
  `--kubelet-client-certificate=${files.path('admin.crt')}`,
  `--kubelet-client-key=${files.path('admin.key')}`,
  '--kubelet-preferred-address-types=InternalIP',
];

/** Controllers that a host of the control plane runs: none that would run its workloads. */
const HOST_CONTROLLERS = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-cleaner-controller',
  'certificatesigningrequest-signing-controller',
  'root-ca-certificate-publisher-controller',
  'bootstrap-signer-controller',
  'token-cleaner-controller',
  'clusterrole-aggregation-controller',
  'ttl-after-finished-controller',
];

/** Flags of a kube-controller-manager. */
export function controllerManagerFlags(
  kubeconfig: string,
  files: MemberFiles,
  role: 'member' | 'host',
): string[] {
  const controllers =
    role === 'host'
      ? HOST_CONTROLLERS
      : ['*', '-node-ipam-controller', 'bootstrap-signer-controller', 'token-cleaner-controller'];
  return [
    ...clientFlags(kubeconfig),
    `--controllers=${controllers.join(',')}`,
    `--service-account-private-key-file=${files.path('sa.key')}`,
    `--root-ca-file=${files.path('ca.crt')}`,
    `--cluster-signing-cert-file=${files.path('ca.crt')}`,
    `--cluster-signing-key-file=${files.path('ca.key')}`,
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

/** Flags of a kube-scheduler. */
export const schedulerFlags = (kubeconfig: string): string[] => [
  ...clientFlags(kubeconfig),
  '--kube-api-qps=200',
  '--kube-api-burst=400',
];

/** One instance each, that serves nothing itself. */
const clientFlags = (kubeconfig: string): string[] => [
  `--kubeconfig=${kubeconfig}`,
  `--authentication-kubeconfig=${kubeconfig}`,
  `--authorization-kubeconfig=${kubeconfig}`,
  '--leader-elect=false',
  '--secure-port=0',
];
