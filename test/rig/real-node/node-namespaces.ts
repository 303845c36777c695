import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { builtPart } from '../binaries.ts';
import { eventually } from '../eventually.ts';
import type { RigContext } from '../rig-context.ts';
import { runOrThrow } from './run-or-throw.ts';

/** One bridge for all real nodes of this machine; it leads nowhere else. */
const BRIDGE = 'flotilla-rig';
const NETWORK = '172.29.77';
const FIRST_HOST = 10;
const LAST_HOST = 250;

/** Folders of a usual node that must be the node's own and not the machine's. */
const OWN_DIRECTORIES = [
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/lib/cni',
  '/var/log/pods',
  '/var/log/containers',
  '/etc/cni',
];

/** Kernel settings that a kubelet would change for the whole machine: it gets files to write instead. */
const KERNEL_SETTINGS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/** A machine within the machine: what runs in it ends when its first process does. */
export interface NodeNamespaces {
  /** Reachable from this machine and from other real nodes. */
  readonly address: string;
  /** Addresses for pods, in CIDR form; each node of this machine has its own. */
  readonly podNetwork: string;
  /** Control group of everything that the node's pods use. */
  readonly controlGroup: string;
  /** To be put before a command that needs the node's network only (its process id stays as it is). */
  readonly inNetwork: readonly string[];
  /** To be put before a command that is to run wholly inside. */
  readonly inside: readonly string[];
}

/** Makes namespaces for a node whose own files are below `directory`. */
export async function createNodeNamespaces(
  context: RigContext,
  name: string,
  directory: string,
): Promise<NodeNamespaces> {
  const init = await startInit(context);
  const inNetwork = ['nsenter', `--target=${init}`, '--net', '--'];
  const entering = ['--mount', '--net', '--pid', '--uts', '--ipc'];
  const inside = ['nsenter', `--target=${init}`, ...entering, '--'];
  await prepareFiles(inside, name, directory);
  const host = await connect(context, init, inside);
  const controlGroup = `/flotilla-rig-${host}`;
  await createControlGroup(context, controlGroup);
  return {
    address: `${NETWORK}.${host}`,
    podNetwork: `10.244.${host}.0/24`,
    controlGroup,
    inNetwork,
    inside,
  };
}

/** @returns the process id, as this machine sees it, of the first process inside */
async function startInit({ watchdog }: RigContext): Promise<number> {
  const binary = join(await builtPart('node-init'), 'node-init');
  const entering = ['--pid', '--mount', '--net', '--uts', '--ipc', '--mount-proc'];
  const args = ['--fork', '--kill-child', ...entering, '--propagation', 'private', binary];
  const program = 'unshare';
  const unshare = spawn(program, args, { detached: true, stdio: 'ignore' });
  const { pid } = unshare;
  if (pid === undefined) throw new Error(`${program} could not be started`);
  watchdog.watch(pid);
  unshare.unref();
  return eventually('the first process of the node', async () => {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const [child] = children
      .split(' ')
      .filter((id) => id !== '')
      .map(Number);
    if (child === undefined) return undefined;
    // It has its own /proc from the moment that it is our program and no longer unshare itself.
    if (!(await readFile(`/proc/${child}/cmdline`, 'utf8')).startsWith(binary)) return undefined;
    watchdog.watch(child);
    return child;
  });
}

async function prepareFiles(
  inside: readonly string[],
  name: string,
  directory: string,
): Promise<void> {
  const lines = [
    'set -e',
    'mount --make-rshared /',
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/lock',
    `hostname ${name}`,
    'ip link set lo up',
  ];
  for (const path of OWN_DIRECTORIES) {
    await mkdir(join(directory, path), { recursive: true });
    lines.push(`mkdir -p ${path}`, `mount --bind ${join(directory, path)} ${path}`);
  }
  for (const [path, value] of Object.entries(KERNEL_SETTINGS)) {
    const file = join(directory, 'proc-sys', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${value}\n`);
    lines.push(`mount --bind ${file} /proc/sys/${path}`);
  }
  await runInside(inside, lines);
}

/**
 * Joins the node to the bridge. The name of the veth pair's outer end is the reservation of the
 * address: who creates it has it.
 *
 * @returns the last number of the node's address
 */
async function connect(
  { watchdog }: RigContext,
  init: number,
  inside: readonly string[],
): Promise<number> {
  const host = await eventually('a free address on the bridge', async () => {
    const candidate = FIRST_HOST + Math.floor(Math.random() * (LAST_HOST - FIRST_HOST + 1));
    const veth = `flotilla-${candidate}`;
    const pair = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', String(init)];
    await ip('link', 'add', veth, ...pair);
    watchdog.cleanUpWith(`ip link del ${veth}`);
    return candidate;
  });
  // The last node to leave takes the bridge away, perhaps just now: then it is made again.
  await eventually('the bridge', async () => {
    await createBridge();
    await ip('link', 'set', `flotilla-${host}`, 'master', BRIDGE, 'up');
    return true;
  });
  const left = `ls /sys/class/net/${BRIDGE}/brif`;
  watchdog.cleanUpWith(`[ -n "$(${left})" ] || ip link del ${BRIDGE}`);
  await runInside(inside, [
    'set -e',
    `ip addr add ${NETWORK}.${host}/24 dev eth0`,
    'ip link set eth0 up',
    `ip route add default via ${NETWORK}.1`,
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables || true',
  ]);
  return host;
}

async function createBridge(): Promise<void> {
  if (existsSync(`/sys/class/net/${BRIDGE}`)) return;
  await ip('link', 'add', BRIDGE, 'type', 'bridge');
  await ip('addr', 'add', `${NETWORK}.1/24`, 'dev', BRIDGE);
  await ip('link', 'set', BRIDGE, 'up');
}

/** Under version 1 a group lies in each controller's own tree, under version 2 in the one there is. */
async function createControlGroup({ watchdog }: RigContext, group: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const isUnified = existsSync(join(root, 'cgroup.controllers'));
  const trees = isUnified
    ? [root]
    : readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(root, entry.name));
  for (const tree of trees) {
    const path = join(tree, group);
    await mkdir(path, { recursive: true });
    watchdog.cleanUpWith(`find ${path} -depth -type d -exec rmdir {} ';'`);
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (isUnified || !existsSync(join(path, file))) continue;
      await writeFile(join(path, file), await readFile(join(tree, file)));
    }
  }
}

const ip = async (...args: string[]): Promise<string> => runOrThrow('ip', args);

async function runInside(inside: readonly string[], lines: readonly string[]): Promise<void> {
  const [file, ...args] = [...inside, 'sh', '-c', lines.join('\n')];
  await runOrThrow(file, args);
}
