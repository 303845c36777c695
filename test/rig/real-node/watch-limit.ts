import { readFile, writeFile } from 'node:fs/promises';

const LIMIT = '/proc/sys/fs/inotify/max_user_instances';
const ENOUGH = 1024;

/**
 * Lets this machine's programs watch more files at once. containerd and kubelet don't start without a
 * file watch, and the usual limit, 128 for all of a user's programs, is used up by a few clusters. It
 * is the one setting of the machine that the rig changes; it is never lowered.
 */
export async function raiseWatchLimit(): Promise<void> {
  if (Number(await readFile(LIMIT, 'utf8')) < ENOUGH) await writeFile(LIMIT, String(ENOUGH));
}
