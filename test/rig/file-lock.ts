import { readFile, rm, writeFile } from 'node:fs/promises';

import { eventually } from './eventually.ts';

/**
 * Waits for a lock file that names its owner's process id; the lock of a dead owner is broken. Two that
 * break one at the same instant may both go on: it saves work, what it guards must be safe without it.
 *
 * @returns gives the lock back
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const tryLock = async (): Promise<boolean> => {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return true;
    } catch {
      const owner = Number(await readFile(path, 'utf8').catch(() => '0'));
      if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
      return false;
    }
  };
  await eventually(`the lock ${path}`, tryLock, { timeoutMs: 40 * 60_000, everyMs: 300 });
  return async () => rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
