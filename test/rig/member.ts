import { request } from 'node:https';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { builtPart, type KubernetesVersion } from './binaries.ts';
import { apiServerFlags, controllerManagerFlags, schedulerFlags } from './control-plane-flags.ts';
import type { Daemon } from './daemon.ts';
import { eventually, GiveUp } from './eventually.ts';
import { startFakeNodes, type FakeNodes } from './fake-nodes.ts';
import { freePort } from './free-port.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { kubectl, type Finished, type KubectlOptions } from './kubectl.ts';
import { writeMemberFiles, type MemberFiles } from './member-files.ts';
import type { Credential } from './pki.ts';
import type { RigContext } from './rig-context.ts';

/** What kind of member is wanted. */
export interface MemberOptions {
  /** Unique in its fleet; also its context's name. */
  readonly name: string;
  /** Default 1.36. */
  readonly version?: KubernetesVersion;
  /** Fake nodes; default 0. */
  readonly nodes?: number;
  /** Run a kube-controller-manager; default true. Without it namespaces never finish terminating. */
  readonly controllers?: boolean;
  /** Run a kube-scheduler; default: when there are nodes. */
  readonly scheduler?: boolean;
  /** More flags for kube-apiserver, e.g. `--event-ttl=1m`. */
  readonly apiServerFlags?: readonly string[];
}

/** A real cluster: kube-apiserver on etcd, and what was asked for beside it. */
export interface Member {
  readonly name: string;
  readonly version: KubernetesVersion;
  /** `https://127.0.0.1:PORT`; stays the same over restarts and upgrades. */
  readonly url: string;
  /** Certificate authority of the server's certificate, PEM and as a file. */
  readonly authority: string;
  readonly caFile: string;
  /** Client certificate and key (PEM) of group system:masters. */
  readonly client: Credential;
  /** A file with the client above; its one context is named after the member. */
  readonly kubeconfig: string;
  /** All certificates and keys, and an authority that can issue more. */
  readonly files: MemberFiles;
  /** Process of the kube-apiserver. */
  readonly apiServerPid: () => number;
  /** Runs kubectl against this member to its end; never rejects because of an exit code. */
  readonly kubectl: (
    args: readonly string[],
    options?: Omit<KubectlOptions, 'kubeconfig'>,
  ) => Promise<Finished>;
  /** Applies objects; rejects when one is refused. */
  readonly apply: (...objects: readonly object[]) => Promise<void>;
  /** Adds a line to the log that all containers on the fake nodes share. */
  readonly appendLog: (line: string) => Promise<void>;
  /** SIGKILLs the kube-apiserver; its data stays. `restart` brings it back. */
  readonly kill: () => Promise<void>;
  /** SIGSTOPs the kube-apiserver: connections stay open and nothing answers. */
  readonly freeze: () => void;
  /** SIGCONTs it. */
  readonly thaw: () => void;
  /** Ends the kube-apiserver, if it runs, and starts it again on the same data and port. */
  readonly restart: () => Promise<void>;
  /** Restarts the whole control plane as another version, on the same data and port. */
  readonly upgrade: (version: KubernetesVersion) => Promise<void>;
  /** Ends all of this member's processes. */
  readonly stop: () => Promise<void>;
}

/** Where a member's programs run. */
export interface MemberPlace {
  readonly context: RigContext;
  readonly etcdUrl: string;
  /** Address to listen on; default 127.0.0.1. */
  readonly address?: string;
  /** Fixed port; default: any free one. */
  readonly port?: number;
  /** Put before every command, e.g. to enter a namespace. */
  readonly commandPrefix?: readonly string[];
  readonly role?: 'member' | 'host';
}

/** Starts a member and waits until it is ready for use. */
export async function startMember(place: MemberPlace, options: MemberOptions): Promise<Member> {
  const controlPlane = await startControlPlane(place, options);
  const { name, nodes = 0 } = options;
  const { kubeconfig, files, directory } = controlPlane;
  let fakeNodes: FakeNodes | undefined;
  if (nodes > 0) {
    const settings = { member: name, count: nodes, directory, kubeconfig, files };
    fakeNodes = await startFakeNodes(place.context, settings);
  }
  const run = async (
    args: readonly string[],
    more: Omit<KubectlOptions, 'kubeconfig'> = {},
  ): Promise<Finished> => kubectl(args, { ...more, kubeconfig });
  return {
    name,
    get version() {
      return controlPlane.version();
    },
    url: controlPlane.url,
    authority: files.authority.certificate,
    caFile: files.path('ca.crt'),
    client: files.admin,
    kubeconfig,
    files,
    apiServerPid: () => controlPlane.apiServer().pid,
    kubectl: run,
    apply: async (...objects) => {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      const { code, stderr } = await run(['apply', '-f', '-'], { input });
      if (code !== 0) throw new Error(`${name} refused: ${stderr}`);
    },
    appendLog: async (line) => {
      if (!fakeNodes) throw new Error(`${name} has no fake nodes`);
      await fakeNodes.appendLog(line);
    },
    kill: async () => controlPlane.apiServer().kill(),
    freeze: () => {
      controlPlane.apiServer().signal('SIGSTOP');
    },
    thaw: () => {
      controlPlane.apiServer().signal('SIGCONT');
    },
    restart: controlPlane.restart,
    upgrade: controlPlane.upgrade,
    stop: async () => {
      await fakeNodes?.daemon.kill();
      await controlPlane.stop();
    },
  };
}

interface ControlPlane {
  readonly url: string;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly files: MemberFiles;
  readonly version: () => KubernetesVersion;
  readonly apiServer: () => Daemon;
  readonly restart: () => Promise<void>;
  readonly upgrade: (version: KubernetesVersion) => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function startControlPlane(
  place: MemberPlace,
  options: MemberOptions,
): Promise<ControlPlane> {
  const { context, address = '127.0.0.1', role = 'member' } = place;
  const { name, nodes = 0, controllers = true, scheduler = nodes > 0 } = options;
  const directory = join(context.directory, name);
  await mkdir(directory);
  const files = await writeMemberFiles(join(directory, 'pki'), name, [address]);
  const kubeconfig = join(directory, 'kubeconfig');
  let version = options.version ?? '1.36';
  let helpers: Daemon[] = [];

  const start = async (program: string, args: readonly string[]): Promise<Daemon> => {
    const binary = join(await builtPart(`kubernetes-${version}`), program);
    const [file = binary, ...rest] = [...(place.commandPrefix ?? []), binary, ...args];
    return context.start(`${name}-${program}`, file, rest);
  };
  const startApiServer = async (port: number): Promise<Daemon> =>
    start(
      'kube-apiserver',
      apiServerFlags({
        files,
        etcdUrl: place.etcdUrl,
        etcdPrefix: `/${name}`,
        address,
        port,
        extraFlags: options.apiServerFlags ?? [],
      }),
    );
  const startHelpers = async (): Promise<void> => {
    if (controllers) {
      const flags = controllerManagerFlags(kubeconfig, files, role);
      helpers.push(await start('kube-controller-manager', flags));
    }
    if (scheduler) helpers.push(await start('kube-scheduler', schedulerFlags(kubeconfig)));
  };
  const stopHelpers = async (): Promise<void> => {
    await Promise.all(helpers.map(async (daemon) => daemon.kill()));
    helpers = [];
  };

  const first = await startOnFreePort(place, startApiServer, files);
  let { apiServer } = first;
  const { port, url } = first;
  const restart = async (): Promise<void> => {
    await apiServer.stop();
    apiServer = await startApiServer(port);
    await waitUntilReady(url, apiServer, files);
  };
  await writeKubeconfig(kubeconfig, [
    { name, url, authority: files.authority.certificate, credential: files.admin },
  ]);
  await startHelpers();
  if (controllers) await waitForDefaultAccount(name, kubeconfig);
  return {
    url,
    directory,
    kubeconfig,
    files,
    version: () => version,
    apiServer: () => apiServer,
    restart,
    upgrade: async (next) => {
      await stopHelpers();
      version = next;
      await restart();
      await startHelpers();
    },
    stop: async () => {
      await stopHelpers();
      await apiServer.kill();
    },
  };
}

interface ListeningApiServer {
  readonly apiServer: Daemon;
  readonly port: number;
  readonly url: string;
}

/** Somebody else may take the port between the look and the start: then another one is tried. */
async function startOnFreePort(
  { address = '127.0.0.1', port: fixed }: MemberPlace,
  start: (port: number) => Promise<Daemon>,
  files: MemberFiles,
): Promise<ListeningApiServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = fixed ?? (await freePort());
    const url = `https://${address}:${port}`;
    const apiServer = await start(port);
    try {
      await waitUntilReady(url, apiServer, files);
      return { apiServer, port, url };
    } catch (error) {
      await apiServer.kill();
      if (attempt === 3 || !apiServer.lastWords().includes('address already in use')) throw error;
    }
  }
}

async function waitUntilReady(url: string, apiServer: Daemon, files: MemberFiles): Promise<void> {
  await eventually(
    `kube-apiserver at ${url}`,
    async () => {
      if (!apiServer.isRunning()) {
        throw new GiveUp(`kube-apiserver has ended:\n${apiServer.lastWords()}`);
      }
      return (await statusOf(`${url}/readyz`, files)) === 200;
    },
    { timeoutMs: 120_000 },
  );
}

async function statusOf(url: string, { authority, admin }: MemberFiles): Promise<number> {
  const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key };
  return new Promise((resolve, reject) => {
    const call = request(url, { ...tls, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.once('timeout', () => call.destroy(new Error(`${url} does not answer`)));
    call.once('error', reject);
    call.end();
  });
}

/** Pods are refused until their ServiceAccount exists. */
async function waitForDefaultAccount(name: string, kubeconfig: string): Promise<void> {
  await eventually(`default ServiceAccount of ${name}`, async () => {
    const args = ['get', 'serviceaccount', 'default', '-n', 'default', '-o', 'name'];
    return (await kubectl(args, { kubeconfig })).code === 0;
  });
}
