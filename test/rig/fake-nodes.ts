import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { builtPart } from './binaries.ts';
import type { Daemon } from './daemon.ts';
import { eventually, GiveUp } from './eventually.ts';
import { freePort } from './free-port.ts';
import { kubectl } from './kubectl.ts';
import type { MemberFiles } from './member-files.ts';
import type { RigContext } from './rig-context.ts';

/** Nodes that are no machines, played by kwok: whatever is scheduled to them Runs at once. */
export interface FakeNodes {
  readonly daemon: Daemon;
  /** Adds a line to the one log that all containers of the member share. */
  readonly appendLog: (line: string) => Promise<void>;
}

/** Whose nodes, how many, and where its files are. */
export interface FakeNodesSettings {
  readonly member: string;
  readonly count: number;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly files: MemberFiles;
}

/** Creates the Node objects, starts kwok, and waits until all nodes are Ready. */
export async function startFakeNodes(
  context: RigContext,
  settings: FakeNodesSettings,
): Promise<FakeNodes> {
  const { member, directory, kubeconfig, files, count } = settings;
  const logFile = join(directory, 'container.log');
  const config = join(directory, 'kwok.yaml');
  const appendLog = async (line: string): Promise<void> => {
    await appendFile(logFile, `${new Date().toISOString()} stdout F ${line}\n`);
  };
  await writeFile(logFile, '');
  await appendLog(`${member} has started`);
  await writeFile(config, await kwokConfig(member, directory, logFile));
  await createNodes(settings);
  const binary = join(await builtPart('kwok'), 'kwok');
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const daemon = context.start(`${member}-kwok`, binary, [
      `--kubeconfig=${kubeconfig}`,
      `--config=${config}`,
      '--manage-all-nodes=true',
      '--node-ip=127.0.0.1',
      `--node-port=${port}`,
      `--server-address=127.0.0.1:${port}`,
      `--tls-cert-file=${files.path('server.crt')}`,
      `--tls-private-key-file=${files.path('server.key')}`,
      '--node-lease-duration-seconds=40',
      '--cidr=10.244.0.0/16',
    ]);
    try {
      await eventually(`nodes of ${member}`, async () => {
        if (!daemon.isRunning()) throw new GiveUp(`kwok has ended:\n${daemon.lastWords()}`);
        return (await readyNodes(kubeconfig)) >= count;
      });
      return { daemon, appendLog };
    } catch (error) {
      await daemon.kill();
      if (attempt === 3) throw error;
    }
  }
}

async function readyNodes(kubeconfig: string): Promise<number> {
  const path = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
  const { stdout } = await kubectl(['get', 'nodes', '-o', `jsonpath=${path}`], { kubeconfig });
  return stdout.split('\n').filter((status) => status === 'True').length;
}

async function createNodes({ member, count, kubeconfig }: FakeNodesSettings): Promise<void> {
  const items = Array.from({ length: count }, (_, index) => fakeNode(member, index));
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { code, stderr } = await kubectl(['create', '-f', '-'], { kubeconfig, input: list });
  if (code !== 0) throw new Error(`could not create nodes of ${member}: ${stderr}`);
}

function fakeNode(member: string, index: number): object {
  const name = `node-${index}`;
  const resources = { cpu: '32', memory: '256Gi', pods: '1000' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': `region-${member}`,
        'topology.kubernetes.io/zone': `zone-${member}-${index % 2}`,
      },
    },
    spec: { providerID: `kwok://${name}` },
    status: {
      allocatable: resources,
      capacity: resources,
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'kwok',
        kernelVersion: 'kwok',
        kubeProxyVersion: '',
        kubeletVersion: 'kwok',
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'kwok',
        systemUUID: '',
      },
    },
  };
}

/**
 * The stages, and how streams are answered: every container has the same log; exec runs the command
 * on this machine with `MEMBER` set; attach follows the log; port 7 echoes, any other port answers one
 * HTTP request with the member's name.
 */
async function kwokConfig(member: string, workDir: string, logsFile: string): Promise<string> {
  const object = (kind: string, spec: object): string =>
    stringify({
      apiVersion: 'kwok.x-k8s.io/v1alpha1',
      kind,
      metadata: { name: `${kind.toLowerCase()}-of-all` },
      spec,
    });
  return [
    await readFile(join(import.meta.dirname, 'kwok', 'stages.yaml'), 'utf8'),
    object('ClusterLogs', { logs: [{ logsFile, previousLogsFile: logsFile, follow: true }] }),
    object('ClusterExec', {
      execs: [{ local: { workDir, envs: [{ name: 'MEMBER', value: member }] } }],
    }),
    object('ClusterAttach', { attaches: [{ logsFile }] }),
    object('ClusterPortForward', {
      forwards: [
        { ports: [7], command: ['cat'] },
        { command: ['sh', '-c', answerOneRequest(member)] },
      ],
    }),
  ].join('---\n');
}

const answerOneRequest = (member: string): string => `
while IFS= read -r line && [ "\${#line}" -gt 1 ]; do :; done
printf 'HTTP/1.1 200 OK\\r\\nContent-Length: ${member.length + 1}\\r\\nConnection: close\\r\\n\\r\\n${member}\\n'
`;
