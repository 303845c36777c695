import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StatusError } from '../kube/index.ts';

export interface InstanceLock {
  release(): void;
}

/** SQLite's code for a database that somebody else has locked. */
const BUSY = 5;

/**
 * Makes this process the only one that uses a data directory. The lock is the operating system's,
 * held through a SQLite file: it ends with the process, however that ends.
 * @throws Conflict when another process holds it
 */
export function lockInstance(directory: string): InstanceLock {
  const path = join(directory, 'instance.lock');
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode !== BUSY) throw cause;
    const message = `another flotilla uses ${directory}: stop it, or choose another --data-dir`;
    throw new StatusError('Conflict', message, { cause });
  }
  return {
    release: () => {
      database.close();
    },
  };
}
