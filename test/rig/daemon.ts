import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { findOnPath } from './find-on-path.ts';
import type { Watchdog } from './watchdog.ts';

/** A long-running process of a member. */
export interface Daemon {
  readonly pid: number;
  /** True until the process has ended. */
  readonly isRunning: () => boolean;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL when it has not ended `graceMs` later; resolves when it is gone. */
  readonly stop: (graceMs?: number) => Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** The last lines that it wrote. */
  readonly lastWords: () => string;
}

/** What to run. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** All its output is appended to this file. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a process that ends with its owner, whatever the owner dies of. */
export function startDaemon({ file, args, logFile, env }: Command, watchdog: Watchdog): Daemon {
  const log = openSync(logFile, 'a');
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', log, log],
    ...(env ? { env: { ...process.env, ...env } } : {}),
  });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`could not start ${findOnPath(file) ?? file}`);
  const { pid } = child;
  watchdog.watch(pid);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      watchdog.forget(pid);
      resolve();
    });
  });
  child.unref();
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals): void => {
    if (isRunning()) child.kill(name);
  };
  const kill = async (): Promise<void> => {
    signal('SIGKILL');
    child.ref();
    await gone;
  };
  const stop = async (graceMs = 3000): Promise<void> => {
    signal('SIGTERM');
    signal('SIGCONT');
    const calm = new AbortController();
    const late = sleep(graceMs, undefined, { signal: calm.signal }).then(kill, () => undefined);
    child.ref();
    await gone;
    calm.abort();
    await late;
  };
  const lastWords = (): string =>
    readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
  return { pid, isRunning, signal, stop, kill, lastWords };
}
