import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { dirname, join } from 'node:path';

import { builtPart } from './binaries.ts';
import { machineKubectl } from './machine-kubectl.ts';

/** 1.36 is built by the rig; 1.32 is the machine's own, where it has that one, else built too. */
export type KubectlVersion = '1.32' | '1.36';

/** Settings of one kubectl run. */
export interface KubectlOptions {
  readonly kubeconfig: string;
  /** Written to its standard input, which is empty otherwise. */
  readonly input?: string | Buffer;
  /** Default 1.36. */
  readonly version?: KubectlVersion;
  /** It is killed then; default 60 s where it runs to its end, never where it streams. */
  readonly timeoutMs?: number;
  /** Folder of its discovery cache; default: beside the kubeconfig. */
  readonly cacheDirectory?: string;
}

/** What a program left behind. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; -1 when it was killed. */
  readonly code: number;
}

/** Runs kubectl to its end; never rejects because of an exit code. */
export async function kubectl(
  args: readonly string[],
  { input = '', ...options }: KubectlOptions,
): Promise<Finished> {
  const child = await startKubectl(args, { timeoutMs: 60_000, ...options });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve(exitCode ?? -1);
    });
  });
  return {
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    code,
  };
}

/** Starts a kubectl that its caller talks to (`logs -f`, `port-forward`, `get --watch`) and ends. */
export async function startKubectl(
  args: readonly string[],
  { kubeconfig, version, timeoutMs, cacheDirectory }: Omit<KubectlOptions, 'input'>,
): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(await kubectlPath(version), args, {
    env: kubectlEnvironment(kubeconfig, cacheDirectory),
    killSignal: 'SIGKILL',
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  // It may end before it has read everything; its exit code tells then.
  child.stdin.on('error', () => undefined);
  return child;
}

/** The environment in which kubectl sees this kubeconfig only and shares no cache with others. */
export function kubectlEnvironment(
  kubeconfig: string,
  cacheDirectory = join(dirname(kubeconfig), 'kubectl-cache'),
): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cacheDirectory };
}

/** Where the kubectl of a version is; builds it if need be. */
export async function kubectlPath(version: KubectlVersion = '1.36'): Promise<string> {
  if (version === '1.36') return join(await builtPart('kubernetes-1.36'), 'kubectl');
  return machineKubectl() ?? join(await builtPart('kubectl-1.32'), 'kubectl');
}
