import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { kubectl, type Finished, type KubectlOptions } from '../rig/index.ts';

export interface FlotillaOptions {
  /** Contexts of members. */
  readonly kubeconfig: string;
  /** More arguments of the command. */
  readonly args?: readonly string[];
  /** Default `up`. */
  readonly command?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `flotilla up` as a program of its own. */
export interface Flotilla {
  /** Such as `https://127.0.0.1:43210`. */
  readonly url: string;
  /** What it wrote for its users. */
  readonly kubeconfig: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** What it has logged so far. */
  readonly log: () => string;
  /** Runs kubectl in its context `flotilla-all`, or another one, to its end. */
  readonly kubectl: (args: readonly string[], options?: KubectlRun) => Promise<Finished>;
  /** The same, and fails the test with what kubectl said unless it succeeds; returns its output. */
  readonly ok: (args: readonly string[], options?: KubectlRun) => Promise<string>;
  /** SIGTERM; resolves to the exit code. */
  readonly stop: () => Promise<number>;
}

export type KubectlRun = Omit<KubectlOptions, 'kubeconfig'> & { readonly context?: string };

const READY_WITHIN_MS = 60_000;

/** Starts it on a free port with a data directory of its own; resolves at its `ready` line. */
export async function startFlotilla(options: FlotillaOptions): Promise<Flotilla> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-e2e-'));
  const { command = 'up', kubeconfig: members, args = [], env = {} } = options;
  const child = spawn(
    process.execPath,
    [
      'src/main.ts',
      command,
      '--kubeconfig',
      members,
      '--data-dir',
      dataDir,
      ...(args.includes('--port') ? [] : ['--port', '0']),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const [url, kubeconfig] = await readyLine(child, () => log);
  const run = async (
    args: readonly string[],
    { context, ...rest }: KubectlRun = {},
  ): Promise<Finished> =>
    kubectl([...(context === undefined ? [] : ['--context', context]), ...args], {
      ...rest,
      kubeconfig,
    });
  return {
    url,
    kubeconfig,
    dataDir,
    process: child,
    log: () => log,
    kubectl: run,
    ok: async (args, rest) => {
      const { code, stdout, stderr } = await run(args, rest);
      if (code !== 0)
        throw new Error(`kubectl ${args.join(' ')} exited with ${code}: ${stderr}${stdout}`);
      return stdout;
    },
    stop: async () => {
      const code = await end(child);
      await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

async function readyLine(
  child: ChildProcess,
  log: () => string,
): Promise<[url: string, kubeconfig: string]> {
  if (!child.stdout) throw new Error('the program has no standard output');
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
  try {
    for await (const line of lines) {
      const [, url, kubeconfig] = /^ready (https:\/\/\S+) kubeconfig=(\S+)$/.exec(line) ?? [];
      if (url !== undefined && kubeconfig !== undefined) return [url, kubeconfig];
    }
  } finally {
    clearTimeout(timer);
    child.stdout.resume();
  }
  throw new Error(`flotilla ended before it was ready: ${log()}`);
}

async function end(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  return code ?? -1;
}
