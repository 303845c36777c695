import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { builtPart } from '../binaries.ts';
import { runOrThrow } from './run-or-throw.ts';
import { writeImage } from './oci-image.ts';
import type { TarEntry } from './tar.ts';

/** What holds a pod's namespaces. */
export const PAUSE_IMAGE = 'localhost/pause:1';
/** A shell and the usual small tools. */
export const BUSYBOX_IMAGE = 'localhost/busybox:1';

const BUSYBOX = '/bin/busybox';

/**
 * Makes the images that a node needs, from what is on this machine: there is no registry.
 *
 * @returns paths of image archives in `directory`
 */
export async function writeImages(directory: string): Promise<string[]> {
  const pause = join(directory, 'pause.tar');
  const busybox = join(directory, 'busybox.tar');
  await writeImage(pause, {
    name: PAUSE_IMAGE,
    entries: [await program('pause', join(await builtPart('node-init'), 'node-init'))],
    config: { Entrypoint: ['/pause'] },
  });
  await writeImage(busybox, {
    name: BUSYBOX_IMAGE,
    entries: [...rootFiles(), await program('bin/busybox', BUSYBOX), ...(await applets())],
    config: { Cmd: ['sh'], Env: ['PATH=/bin'] },
  });
  return [pause, busybox];
}

const program = async (path: string, source: string): Promise<TarEntry> => ({
  path,
  file: await readFile(source),
  mode: 0o755,
});

async function applets(): Promise<TarEntry[]> {
  const names = (await runOrThrow(BUSYBOX, ['--list'])).split('\n');
  return names
    .filter((name) => name !== '' && name !== 'busybox')
    .map((name) => ({ path: `bin/${name}`, linkTo: 'busybox' }));
}

const rootFiles = (): TarEntry[] => [
  { path: 'bin', directory: true },
  { path: 'etc', directory: true },
  { path: 'etc/passwd', file: Buffer.from('root:x:0:0:root:/root:/bin/sh\n') },
  { path: 'etc/group', file: Buffer.from('root:x:0:\n') },
  { path: 'root', directory: true, mode: 0o700 },
  { path: 'tmp', directory: true, mode: 0o1777 },
];
