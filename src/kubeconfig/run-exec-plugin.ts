import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { type Entry, asEntry, asText } from './read-kubeconfig.ts';

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_TOLD_CHARACTERS = 400;

/** A credential that a program has given, with its end. */
export interface DatedCredential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  /** PEM. */
  readonly key?: string;
  /** Epoch milliseconds; undefined if it does not end by itself. */
  readonly expiresAtMs?: number;
}

export interface ExecOptions {
  /** The user's `exec` mapping. */
  readonly exec: Entry;
  /** The context's cluster mapping, told to a plugin that asks for it. */
  readonly cluster: Entry;
  /** Where a relative command starts from. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a client-go credential plugin, without a terminal, for a minute at most.
 * @throws Error that names the command and what it said
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export async function runExecPlugin(options: ExecOptions): Promise<DatedCredential> {
  const { exec, directory } = options;
  const command = asText(exec['command']);
  const apiVersion = asText(exec['apiVersion']);
  if (command === undefined || apiVersion === undefined) {
    throw new Error('the user\'s "exec" lacks command or apiVersion; complete the kubeconfig');
  }
  if (exec['interactiveMode'] === 'Always') {
    throw new Error(`${command} needs a terminal (interactiveMode Always), which a server lacks`);
  }
  const isRelative = /[/\\]/.test(command) && !path.isAbsolute(command);
  const child = spawn(
    isRelative ? path.join(directory, command) : command,
    Array.isArray(exec['args']) ? exec['args'].map(String) : [],
    { env: pluginEnv(options, apiVersion), stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS },
  );
  const output = await outputOf(child, { command, hint: asText(exec['installHint']) });
  return readCredential(output, { command, apiVersion });
}

function pluginEnv({ exec, cluster, env }: ExecOptions, apiVersion: string): NodeJS.ProcessEnv {
  const own = (Array.isArray(exec['env']) ? exec['env'] : []).flatMap((item: unknown) => {
    const name = asText(asEntry(item)?.['name']);
    return name === undefined ? [] : [[name, asText(asEntry(item)?.['value']) ?? ''] as const];
  });
  const info = {
    kind: 'ExecCredential',
    apiVersion,
    spec: {
      interactive: false,
      ...(exec['provideClusterInfo'] === true && { cluster: clusterInfo(cluster) }),
    },
  };
  return { ...env, ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

function clusterInfo(cluster: Entry): Entry {
  const { extensions, ...rest } = cluster;
  const config = (Array.isArray(extensions) ? extensions : [])
    .map(asEntry)
    .find((extension) => extension?.['name'] === 'client.authentication.k8s.io/exec');
  return { ...rest, ...(config && { config: config['extension'] }) };
}

interface Told {
  readonly command: string;
  readonly hint: string | undefined;
}

async function outputOf(child: ChildProcess, { command, hint }: Told): Promise<string> {
  let output = '';
  let complaint = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, MAX_TOLD_CHARACTERS);
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      const advice = hint === undefined ? '' : `; ${hint}`;
      reject(new Error(`can't run the credential plugin ${command}: ${error.message}${advice}`));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      const end = signal === null ? `exit code ${code ?? 0}` : `ended by ${signal}`;
      reject(new Error(`the credential plugin ${command} failed, ${end}: ${complaint.trim()}`));
    });
  });
}

function readCredential(
  output: string,
  { command, apiVersion }: { command: string; apiVersion: string },
): DatedCredential {
  let answer: Entry | undefined;
  try {
    answer = asEntry(JSON.parse(output));
  } catch {
    // Told below, without the output: it may hold a secret.
  }
  const credential = pickCredential(asEntry(answer?.['status']) ?? {});
  if (answer?.['apiVersion'] !== apiVersion || !isComplete(credential)) {
    throw new Error(`the credential plugin ${command} gave no ${apiVersion} credential`);
  }
  return credential;
}

function pickCredential(status: Entry): DatedCredential {
  const token = asText(status['token']);
  const cert = asText(status['clientCertificateData']);
  const key = asText(status['clientKeyData']);
  const expiresAtMs = Date.parse(asText(status['expirationTimestamp']) ?? '');
  return {
    ...(token !== undefined && { token }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(!Number.isNaN(expiresAtMs) && { expiresAtMs }),
  };
}

function isComplete({ token, cert, key }: DatedCredential): boolean {
  return token !== undefined || (cert !== undefined && key !== undefined);
}
