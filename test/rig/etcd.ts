import { join } from 'node:path';

import { builtPart } from './binaries.ts';
import type { Daemon } from './daemon.ts';
import { eventually, GiveUp } from './eventually.ts';
import { freePort } from './free-port.ts';
import type { RigContext } from './rig-context.ts';

/** A running etcd, for all members of a fleet. */
export interface Etcd {
  readonly url: string;
  readonly daemon: Daemon;
}

/** Starts etcd on loopback; it does not sync to disk, as its data ends with the fleet. */
export async function startEtcd(context: RigContext): Promise<Etcd> {
  const binary = join(await builtPart('etcd'), 'etcd');
  for (let attempt = 1; ; attempt += 1) {
    const url = `http://127.0.0.1:${await freePort()}`;
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    const daemon = context.start('etcd', binary, etcdFlags(context.directory, url, peerUrl));
    const isHealthy = async (): Promise<boolean> => {
      if (!daemon.isRunning()) throw new GiveUp(`etcd has ended:\n${daemon.lastWords()}`);
      return (await fetch(`${url}/health`)).ok;
    };
    try {
      await eventually('etcd', isHealthy);
      return { url, daemon };
    } catch (error) {
      await daemon.kill();
      if (attempt === 3) throw error;
    }
  }
}

/** Flags of an etcd whose data lies in the given folder. */
export function etcdFlags(directory: string, url: string, peerUrl: string): string[] {
  return [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    `--quota-backend-bytes=${8 * 1024 ** 3}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}
