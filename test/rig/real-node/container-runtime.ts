import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { eventually, GiveUp } from '../eventually.ts';
import type { RigContext } from '../rig-context.ts';
import { PAUSE_IMAGE } from './images.ts';
import type { NodeNamespaces } from './node-namespaces.ts';
import { runOrThrow } from './run-or-throw.ts';

/** Where containerd listens, inside the node. */
export const RUNTIME_SOCKET = '/run/containerd/containerd.sock';

/**
 * Debian's containerd with runc. `restrict_oom_score_adj`: without the right to lower a score, which a
 * sandboxed root may lack, containers would not start.
 */
const CONTAINERD_CONFIG = `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "${RUNTIME_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`;

const podNetworkConfig = (subnet: string): object => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

/** Brings images, as archives of the OCI layout, into the node. */
export type LoadImage = (archive: string) => Promise<void>;

/** Starts containerd inside the node, with a bridge network for pods. */
export async function startContainerRuntime(
  context: RigContext,
  { inside, podNetwork }: NodeNamespaces,
  { name, directory }: { readonly name: string; readonly directory: string },
): Promise<LoadImage> {
  const config = join(directory, 'containerd.toml');
  const networks = join(directory, 'etc', 'cni', 'net.d');
  await mkdir(networks, { recursive: true });
  await writeFile(config, CONTAINERD_CONFIG);
  await writeFile(join(networks, '10-pods.conflist'), JSON.stringify(podNetworkConfig(podNetwork)));
  const [file = '', ...prefix] = inside;
  const daemon = context.start(`${name}-containerd`, file, [
    ...prefix,
    'containerd',
    '--config',
    config,
  ]);
  await eventually('containerd', async () => {
    if (!daemon.isRunning()) throw new GiveUp(`containerd has ended:\n${daemon.lastWords()}`);
    await runOrThrow(file, [...prefix, 'ctr', 'version']);
    return true;
  });
  return async (archive) => {
    await runOrThrow(file, [...prefix, 'ctr', '-n', 'k8s.io', 'images', 'import', archive]);
  };
}
