import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { builtPart, goCommand, isBuilt } from '../binaries.ts';
import { etcdFlags } from '../etcd.ts';
import { startMember, type Member } from '../member.ts';
import { createRigContext, type RigContext } from '../rig-context.ts';
import { startContainerRuntime, type LoadImage } from './container-runtime.ts';
import { installDebianPackages } from './debian-packages.ts';
import { writeImages } from './images.ts';
import { startKubelet } from './kubelet.ts';
import { startMetricsServer } from './metrics-server.ts';
import { createNodeNamespaces, type NodeNamespaces } from './node-namespaces.ts';
import { raiseWatchLimit } from './watch-limit.ts';

/** What kind of real node is wanted. */
export interface RealNodeOptions {
  /** Name of the member and of its one node. */
  readonly name: string;
  /** Run a metrics-server, for `kubectl top`; default false. */
  readonly metrics?: boolean;
}

/** A member whose one node runs containers for real: images `localhost/busybox:1` and what is loaded. */
export interface RealMember extends Member {
  /** Of the node, on a bridge of this machine. */
  readonly address: string;
  /** Brings an image archive (OCI layout) into the node. */
  readonly loadImage: LoadImage;
}

/**
 * Starts a cluster with a kubelet, containerd and runc in namespaces of its own; `stop` ends it with
 * everything that runs in it. There is no kube-proxy and no DNS: pods talk by pod address.
 */
export async function startRealNode({
  name,
  metrics = false,
}: RealNodeOptions): Promise<RealMember> {
  await installDebianPackages();
  await raiseWatchLimit();
  const context = await createRigContext();
  try {
    const directory = join(context.directory, 'node');
    await mkdir(directory);
    const namespaces = await createNodeNamespaces(context, name, directory);
    const member = await startControlPlane(context, namespaces, name);
    const loadImage = await startContainerRuntime(context, namespaces, { name, directory });
    for (const archive of await writeImages(directory)) await loadImage(archive);
    await startKubelet(context, namespaces, member);
    if (metrics) await startMetricsServer(context, namespaces, member);
    return Object.assign(member, {
      address: namespaces.address,
      loadImage,
      stop: context.watchdog.end,
    });
  } catch (error) {
    await context.watchdog.end();
    throw error;
  }
}

/** Ports are the node's own, so they can be fixed; etcd listens inside only. */
async function startControlPlane(
  context: RigContext,
  { address, inNetwork }: NodeNamespaces,
  name: string,
): Promise<Member> {
  const etcdUrl = 'http://127.0.0.1:2379';
  const [file = '', ...prefix] = inNetwork;
  context.start(`${name}-etcd`, file, [
    ...prefix,
    join(await builtPart('etcd'), 'etcd'),
    ...etcdFlags(context.directory, etcdUrl, 'http://127.0.0.1:2380'),
  ]);
  return startMember(
    { context, etcdUrl, address, port: 6443, commandPrefix: inNetwork },
    {
      name,
      scheduler: true,
      apiServerFlags: [
        '--endpoint-reconciler-type=lease',
        '--enable-admission-plugins=NodeRestriction',
      ],
    },
  );
}

/** Why a real node can't run here, or undefined when it can; said loudly, once. */
export function realNodeSkipReason(): string | undefined {
  const reason = reasonAgainstRealNode();
  if (reason !== undefined && !wasSaid) console.error(`NO REAL NODE: ${reason}`);
  wasSaid ||= reason !== undefined;
  return reason;
}

let wasSaid = false;

function reasonAgainstRealNode(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  if (!existsSync('/etc/debian_version')) return 'it needs Debian packages';
  const missing = (['etcd', 'kubernetes-1.36', 'node-init'] as const).filter((p) => !isBuilt(p));
  if (missing.length > 0 && !goCommand())
    return `there is no Go to build ${missing.join(', ')} with`;
  return undefined;
}
