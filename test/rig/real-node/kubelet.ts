import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { builtPart } from '../binaries.ts';
import type { Daemon } from '../daemon.ts';
import { eventually, GiveUp } from '../eventually.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import type { Member } from '../member.ts';
import type { RigContext } from '../rig-context.ts';
import { RUNTIME_SOCKET } from './container-runtime.ts';
import type { NodeNamespaces } from './node-namespaces.ts';

/** Starts a kubelet for the member inside its node, and waits until the node is Ready. */
export async function startKubelet(
  context: RigContext,
  { address, controlGroup, inside }: NodeNamespaces,
  member: Member,
): Promise<Daemon> {
  const { name, files, url } = member;
  const directory = join(context.directory, name);
  const credential = await files.authority.issue({
    commonName: `system:node:${name}`,
    organizations: ['system:nodes'],
    dnsNames: [name],
    ipAddresses: [address],
  });
  const path = (file: string): string => join(directory, file);
  const { authority } = member;
  await writeKubeconfig(path('kubelet.kubeconfig'), [{ name, url, authority, credential }]);
  await writeFile(path('kubelet.crt'), credential.certificate, { mode: 0o600 });
  await writeFile(path('kubelet.key'), credential.key, { mode: 0o600 });
  await writeFile(path('resolv.conf'), 'nameserver 127.0.0.1\n');
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address,
    containerRuntimeEndpoint: `unix://${RUNTIME_SOCKET}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: files.path('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: path('kubelet.crt'),
    tlsPrivateKeyFile: path('kubelet.key'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: controlGroup,
    failCgroupV1: false,
    failSwapOn: false,
    resolvConf: path('resolv.conf'),
    // Nobody could pull an image again that the collector has removed.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
    },
    nodeStatusUpdateFrequency: '5s',
  };
  await writeFile(path('kubelet.json'), JSON.stringify(config));
  const [file = '', ...prefix] = inside;
  const daemon = context.start(`${name}-kubelet`, file, [
    ...prefix,
    join(await builtPart('kubernetes-1.36'), 'kubelet'),
    `--config=${path('kubelet.json')}`,
    `--kubeconfig=${path('kubelet.kubeconfig')}`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
  ]);
  await eventually(
    `node ${name}`,
    async () => {
      if (!daemon.isRunning()) throw new GiveUp(`kubelet has ended:\n${daemon.lastWords()}`);
      const condition = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
      return (await member.kubectl(['get', 'node', name, '-o', condition])).stdout === 'True';
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  return daemon;
}
