import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { lockFile } from './file-lock.ts';
import { machineKubectl } from './machine-kubectl.ts';
import { findOnPath } from './find-on-path.ts';

/** A Kubernetes minor version that the rig can run members of. */
export type KubernetesVersion = '1.36' | '1.34';

interface Part {
  /** Path of the Go module whose version names the part; absent for a program of our own. */
  readonly versionedBy?: string;
  /** Name of each binary → the Go package it is built from. */
  readonly packages: Readonly<Record<string, string>>;
  /** True when Kubernetes' own version variables are to be stamped in. */
  readonly stampKubernetesVersion?: boolean;
  /** False where the machine has the thing already; absent means always. */
  readonly isNeeded?: () => boolean;
}

const kubernetes = (...commands: string[]): Part => ({
  versionedBy: 'k8s.io/kubernetes',
  packages: Object.fromEntries(commands.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
  stampKubernetesVersion: true,
});

const PARTS = {
  etcd: {
    versionedBy: 'go.etcd.io/etcd/server/v3',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
  },
  'kubernetes-1.36': kubernetes(
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubectl',
    'kubelet',
  ),
  kwok: { versionedBy: 'sigs.k8s.io/kwok', packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' } },
  'kubernetes-1.34': kubernetes('kube-apiserver', 'kube-controller-manager', 'kube-scheduler'),
  'kubectl-1.32': { ...kubernetes('kubectl'), isNeeded: () => machineKubectl() === undefined },
  'node-init': { packages: { 'node-init': '.' } },
  'metrics-server': {
    versionedBy: 'sigs.k8s.io/metrics-server',
    packages: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
  },
} satisfies Record<string, Part>;

/** A thing that is built and cached as one: its folder below `go/` has the same name. */
export type PartName = keyof typeof PARTS;

/** All parts, in the order in which they are most useful to somebody who waits. */
export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

/** Whether this machine needs the part at all. */
export function isNeeded(name: PartName): boolean {
  const part: Part = PARTS[name];
  return part.isNeeded?.() ?? true;
}

/**
 * Makes sure that one part is built.
 *
 * @returns the folder that holds its binaries
 * @throws when it is missing and the machine has no Go, or when its build fails
 */
export async function builtPart(name: PartName): Promise<string> {
  const directory = partDirectory(name);
  if (existsSync(directory)) return directory;
  await mkdir(cacheDirectory(), { recursive: true });
  const release = await lockFile(`${directory}.lock`);
  try {
    // Somebody else may have built it while we waited.
    if (!existsSync(directory)) await build(name, directory);
  } finally {
    await release();
  }
  return directory;
}

/** True when the part is in the cache already. */
export const isBuilt = (name: PartName): boolean => existsSync(partDirectory(name));

/** Where the go command is, if the machine has one. */
export const goCommand = (): string | undefined =>
  findOnPath('go') ?? ['/usr/local/go/bin/go'].find((path) => existsSync(path));

/** Folder that all builds go to, outside the work tree. */
export function cacheDirectory(): string {
  const { FLOTILLA_RIG_CACHE: own, XDG_CACHE_HOME: user } = process.env;
  return own ?? join(user ?? join(homedir(), '.cache'), 'flotilla', 'rig');
}

function partDirectory(name: PartName): string {
  const module = moduleDirectory(name);
  const hash = createHash('sha256').update(JSON.stringify(PARTS[name]));
  for (const file of readdirSync(module).sort()) hash.update(readFileSync(join(module, file)));
  const id = `${name}-${moduleVersion(name)}-${hash.digest('hex').slice(0, 12)}`;
  return join(cacheDirectory(), id);
}

const moduleDirectory = (name: PartName): string => join(import.meta.dirname, 'go', name);

/** The version that the part's go.mod requires, e.g. `v1.36.3`; `own` for a program of ours. */
function moduleVersion(name: PartName): string {
  const { versionedBy }: Part = PARTS[name];
  if (!versionedBy) return 'own';
  const text = readFileSync(join(moduleDirectory(name), 'go.mod'), 'utf8');
  const line = text.split('\n').find((candidate) => candidate.includes(`${versionedBy} v`));
  const version = /\sv(\S+)/.exec(line ?? '')?.[1];
  if (!version) throw new Error(`go/${name}/go.mod does not require ${versionedBy}`);
  return `v${version}`;
}

/** Builds into a folder of its own and renames it, so that nobody ever sees half a part. */
async function build(name: PartName, directory: string): Promise<void> {
  const go = goCommand();
  if (!go) throw new Error(`${name} is not built and there is no Go on this machine`);
  const { packages }: Part = PARTS[name];
  await removeOldHalves(directory);
  const half = `${directory}.half-${randomUUID()}`;
  await mkdir(half);
  const [only, ...others] = Object.keys(packages);
  const output = others.length > 0 ? `${half}/` : join(half, only ?? name);
  try {
    await run(
      go,
      [
        'build',
        '-trimpath',
        '-ldflags',
        linkerFlags(name),
        '-o',
        output,
        ...Object.values(packages),
      ],
      moduleDirectory(name),
    );
    for (const binary of Object.keys(packages)) {
      if (!existsSync(join(half, binary))) throw new Error(`go build made no ${binary}`);
    }
    await rename(half, directory);
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

/** A builder that was killed could not clean up; no build takes as long as a day. */
async function removeOldHalves(directory: string): Promise<void> {
  const parent = cacheDirectory();
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (!path.startsWith(`${directory}.half-`)) continue;
    const isOld = Date.now() - statSync(path).mtimeMs > 24 * 60 * 60_000;
    if (isOld) await rm(path, { recursive: true, force: true });
  }
}

function linkerFlags(name: PartName): string {
  const { stampKubernetesVersion = false }: Part = PARTS[name];
  if (!stampKubernetesVersion) return '-s -w';
  const version = moduleVersion(name);
  const [major = '', minor = ''] = version.slice(1).split('.');
  const variable = '-X k8s.io/component-base/version.git';
  return `-s -w ${variable}Version=${version} ${variable}Major=${major} ${variable}Minor=${minor}`;
}

/** Static binaries (no C compiler is needed), at low priority: somebody may be working beside. */
async function run(go: string, args: readonly string[], directory: string): Promise<void> {
  const child = spawn('nice', ['-n', '5', go, ...args], {
    cwd: directory,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keepEnd = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8000);
  };
  child.stdout.on('data', keepEnd);
  child.stderr.on('data', keepEnd);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`go ${args.join(' ')} failed (${String(code)}):\n${output}`);
}
