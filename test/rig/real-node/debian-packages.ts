import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheDirectory } from '../binaries.ts';
import { lockFile } from '../file-lock.ts';
import { runOrThrow } from './run-or-throw.ts';

const PACKAGES = [
  'busybox-static',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'iproute2',
  'iptables',
  'kmod',
  'runc',
  'socat',
];

/** Installs what a node needs from Debian, if anything of it is missing. */
export async function installDebianPackages(): Promise<void> {
  if (await areInstalled()) return;
  await mkdir(cacheDirectory(), { recursive: true });
  const release = await lockFile(join(cacheDirectory(), 'debian-packages.lock'));
  try {
    if (await areInstalled()) return;
    await runOrThrow('apt-get', ['update']);
    const flags = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
    const environment = ['DEBIAN_FRONTEND=noninteractive', 'apt-get'];
    await runOrThrow('env', [...environment, ...flags, ...PACKAGES]);
  } finally {
    await release();
  }
}

async function areInstalled(): Promise<boolean> {
  try {
    const states = await runOrThrow('dpkg-query', ['-W', '-f=${db:Status-Status}\n', ...PACKAGES]);
    return states
      .trim()
      .split('\n')
      .every((state) => state === 'installed');
  } catch {
    return false; // dpkg-query fails when it has never heard of one
  }
}
