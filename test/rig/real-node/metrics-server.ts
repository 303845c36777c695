import { join } from 'node:path';

import { builtPart } from '../binaries.ts';
import { eventually, GiveUp } from '../eventually.ts';
import type { Member } from '../member.ts';
import type { RigContext } from '../rig-context.ts';
import type { NodeNamespaces } from './node-namespaces.ts';

const PORT = 10443;

/** Starts a metrics-server beside the node's kube-apiserver and waits until `kubectl top` has figures. */
export async function startMetricsServer(
  context: RigContext,
  { inNetwork }: NodeNamespaces,
  member: Member,
): Promise<void> {
  const { name, files, kubeconfig } = member;
  const [file = '', ...prefix] = inNetwork;
  const daemon = context.start(`${name}-metrics-server`, file, [
    ...prefix,
    join(await builtPart('metrics-server'), 'metrics-server'),
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--tls-cert-file=${files.path('server.crt')}`,
    `--tls-private-key-file=${files.path('server.key')}`,
    `--secure-port=${PORT}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-certificate-authority=${files.path('ca.crt')}`,
    `--kubelet-client-certificate=${files.path('admin.crt')}`,
    `--kubelet-client-key=${files.path('admin.key')}`,
    '--metric-resolution=10s',
    '--kubelet-request-timeout=5s',
  ]);
  await member.apply(...registration());
  await eventually(
    'figures of the node',
    async () => {
      if (!daemon.isRunning()) throw new GiveUp(`metrics-server has ended:\n${daemon.lastWords()}`);
      return (await member.kubectl(['top', 'node', name])).code === 0;
    },
    { timeoutMs: 120_000, everyMs: 1000 },
  );
}

/** It is a process of the machine and no pod: the Service points at the API server's own host. */
function registration(): object[] {
  const service = { name: 'metrics-server', namespace: 'kube-system' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: service,
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port: PORT }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { ...service, port: PORT },
      },
    },
  ];
}
