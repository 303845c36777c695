import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubectl, type Finished, type KubectlOptions } from '../rig/index.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A `flotilla up` that runs as its users run it: a process of its own. */
export interface Up {
  readonly url: string;
  /** Path of the kubeconfig that it wrote. */
  readonly kubeconfig: string;
  readonly dataDir: string;
  /** From the start of the process to its ready line. */
  readonly readyMs: number;
  readonly stderr: () => string;
  /** Runs kubectl in a context of its kubeconfig. */
  readonly kubectl: (
    context: string,
    args: readonly string[],
    options?: Omit<KubectlOptions, 'kubeconfig'>,
  ) => Promise<Finished>;
  /** Asks it to end. */
  readonly stop: (signal?: 'SIGTERM' | 'SIGINT') => Promise<{ code: number | null; ms: number }>;
  /** Ends it the hard way if it still runs, and removes its data. */
  readonly remove: () => Promise<void>;
}

export interface UpOptions {
  /** Whose contexts become members; KUBECONFIG of the process. */
  readonly kubeconfig: string;
  /** Its own, removed with it, unless given. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
}

/** Starts it on a free port; rejects with what it said when it ends before it is ready. */
export async function startUp({ kubeconfig, dataDir, args = [] }: UpOptions): Promise<Up> {
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'flotilla-up-')));
  const startedAt = Date.now();
  const flags = ['--data-dir', directory, '--port', '0', ...args];
  const child = spawn(process.execPath, [MAIN, 'up', ...flags], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const line = await readyLine(child, () => stderr);
  const readyMs = Date.now() - startedAt;
  const [, url = '', written = ''] = /^ready (\S+) kubeconfig=(.+)$/.exec(line) ?? [];
  return {
    url,
    kubeconfig: written,
    dataDir: directory,
    readyMs,
    stderr: () => stderr,
    kubectl: async (context, more, options) =>
      kubectl(['--context', context, ...more], { kubeconfig: written, ...options }),
    stop: async (signal = 'SIGTERM') => end(child, signal),
    remove: async () => {
      if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
      await rm(dataDir === undefined ? directory : dirname(written), {
        recursive: true,
        force: true,
      });
    },
  };
}

async function readyLine(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    child.stdout?.on('data', (chunk) => {
      stdout += String(chunk);
      if (stdout.includes('\n')) resolve(stdout.trimEnd());
    });
    child.once('exit', (code) => {
      reject(new Error(`ended with ${code}: ${stderr()}`));
    });
  });
}

async function end(
  child: ChildProcess,
  signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL',
): Promise<{ code: number | null; ms: number }> {
  const startedAt = Date.now();
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  const [code] = await exited;
  return { code, ms: Date.now() - startedAt };
}

/** Runs a command line of the program to its end. */
export async function runFlotilla(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { stdout, stderr, code: code ?? -1 };
}
