import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { StatusError, type HighWaterMark } from '../kube/index.ts';

/**
 * Keeps the version clock's mark in a file, so that versions never go back over a restart, whatever
 * the machine's clock does. Written seldom (the clock leaves room), so synchronously.
 * @throws Invalid when the file holds something else
 */
export function fileHighWaterMark(path: string): HighWaterMark {
  const initial = readMark(path);
  return {
    read: () => initial,
    write: (mark) => {
      const temporary = `${path}.tmp`;
      const file = openSync(temporary, 'w', 0o600);
      try {
        writeSync(file, `${mark}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    },
  };
}

function readMark(path: string): bigint {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return 0n;
    throw err;
  }
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  throw new StatusError('Invalid', `${path} does not hold a number: move it away`);
}
