import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startDaemon, type Daemon } from './daemon.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** What everything of one fleet shares: a folder and the watchdog that clears it away. */
export interface RigContext {
  /** Temporary folder; gone after the end. */
  readonly directory: string;
  readonly watchdog: Watchdog;
  /** Starts a process whose log is `logs/NAME.log`. */
  readonly start: (name: string, file: string, args: readonly string[]) => Daemon;
}

/** Makes the folder and starts the watchdog. */
export async function createRigContext(): Promise<RigContext> {
  const directory = await mkdtemp(join(tmpdir(), 'flotilla-rig-'));
  await mkdir(join(directory, 'logs'));
  const watchdog = startWatchdog(directory);
  const start = (name: string, file: string, args: readonly string[]): Daemon =>
    startDaemon({ file, args, logFile: join(directory, 'logs', `${name}.log`) }, watchdog);
  return { directory, watchdog, start };
}
