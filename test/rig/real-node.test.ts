import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  eventually,
  freePort,
  realNodeSkipReason,
  startKubectl,
  startRealNode,
  type RealMember,
} from './index.ts';
import { processesOf, startOwnerProcess, untilNothingIsLeft } from './owner-process.ts';

const VERSIONS = ['1.32', '1.36'] as const;

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'localhost/busybox:1',
        stdin: true,
        command: [
          'sh',
          '-c',
          'echo started; mkdir /www; hostname > /www/index.html; httpd -p 8080 -h /www; exec cat',
        ],
        readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
      },
    ],
  },
};

const skipReason = realNodeSkipReason();

describe.skipIf(skipReason)('a real node', { timeout: 180_000 }, () => {
  let member: RealMember;

  beforeAll(async () => {
    member = await startRealNode({ name: 'real', metrics: true });
    await member.apply(pod);
    const wait = ['wait', 'pod/web', '--for=condition=Ready', '--timeout=60s'];
    expect(await member.kubectl(wait)).toMatchObject({ code: 0 });
  }, 600_000);

  afterAll(async () => {
    await member.stop();
  });

  it.each(VERSIONS)('kubectl %s runs a command: both ways and its exit code', async (version) => {
    const ran = await member.kubectl(
      ['exec', '-i', 'web', '--', 'sh', '-c', 'cat; echo oops >&2; exit 3'],
      { version, input: 'to and fro' },
    );

    expect(ran).toMatchObject({ stdout: 'to and fro', code: 3 });
    expect(ran.stderr).toContain('oops');
  });

  it.each(VERSIONS)('kubectl %s follows the log that attach writes', async (version) => {
    const line = `attached by ${version}`;
    const follower = await startKubectl(['logs', '-f', 'web'], {
      kubeconfig: member.kubeconfig,
      version,
    });
    const attached = await startKubectl(['attach', '-i', 'web'], {
      kubeconfig: member.kubeconfig,
      version,
    });
    attached.stdin.write(`${line}\n`);

    await Promise.all([untilSaid(follower.stdout, line), untilSaid(attached.stdout, line)]);

    follower.kill();
    attached.kill();
  });

  it.each(VERSIONS)('kubectl %s copies a file in and out again, byte for byte', async (version) => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
    const sent = `${member.kubeconfig}.sent`;
    const received = `${member.kubeconfig}.received-${version}`;
    await writeFile(sent, bytes);

    const copies = [
      await member.kubectl(['cp', sent, `web:/tmp/copy-${version}`], { version }),
      await member.kubectl(['cp', `web:/tmp/copy-${version}`, received], { version }),
    ];

    expect(copies.map(({ code }) => code)).toEqual([0, 0]);
    expect((await readFile(received)).equals(bytes)).toBe(true);
  });

  it.each(VERSIONS)('kubectl %s forwards a port', async (version) => {
    const port = await freePort();
    const forward = await startKubectl(['port-forward', 'pod/web', `${port}:8080`], {
      kubeconfig: member.kubeconfig,
      version,
    });
    await untilSaid(forward.stdout, 'Forwarding from');

    const answer = await fetch(`http://127.0.0.1:${port}/`);

    expect(await answer.text()).toBe('web\n');
    forward.kill();
    await once(forward, 'exit');
  });

  it('kubectl top has figures of nodes and pods', async () => {
    const node = await member.kubectl(['top', 'node', 'real', '--no-headers']);
    const figures = await eventually('figures of the pod', async () => {
      const top = await member.kubectl(['top', 'pod', 'web', '--no-headers']);
      return top.code === 0 && top.stdout;
    });

    expect(node.stdout).toMatch(/^real +\d+m/);
    expect(figures).toMatch(/^web +\d+m +\d+Mi/);
  });

  it('a restart of the API server leaves pods running', async () => {
    await member.restart();

    const { stdout } = await member.kubectl(['get', 'pod', 'web', '--no-headers']);
    expect(stdout).toMatch(/1\/1 +Running +0 /);
  });
});

describe.skipIf(skipReason)('a real node that ends', { timeout: 180_000 }, () => {
  it('leaves nothing behind when it is stopped', async () => {
    const member = await startRealNode({ name: 'short' });
    const directory = dirname(dirname(member.kubeconfig));
    const before = processesOf(directory);

    await member.stop();

    expect(before.length).toBeGreaterThanOrEqual(7);
    expect(leftOf(member.address)).toEqual([]);
    await untilNothingIsLeft(directory);
  });

  it('leaves nothing behind when its owner is killed', async () => {
    const owner = await startOwnerProcess(
      `await rig.startRealNode({ name: 'orphan' }).then(
        ({ kubeconfig, address }) => kubeconfig.replace('/orphan/kubeconfig', '') + ' ' + address)`,
    );
    const [directory = '', address = ''] = owner.said.split(' ');
    const before = leftOf(address);

    owner.kill('SIGKILL');

    await untilNothingIsLeft(directory);
    expect(before).toContain('network');
    expect(leftOf(address)).toEqual([]);
  });
});

/** What a node of this address has on the machine. */
function leftOf(address: string): string[] {
  const host = address.split('.').at(-1) ?? '';
  const traces = {
    network: `/sys/class/net/flotilla-${host}`,
    'control group': `/sys/fs/cgroup/memory/flotilla-rig-${host}`,
    'unified control group': `/sys/fs/cgroup/flotilla-rig-${host}`,
  };
  return Object.entries(traces)
    .filter(([, path]) => existsSync(path))
    .map(([name]) => name);
}

/** Resolves when the text has come; a stream that ends before is an error. */
async function untilSaid(stream: Readable, text: string): Promise<void> {
  let heard = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    heard += String(chunk);
    if (heard.includes(text)) return;
  }
  throw new Error(`ended without saying "${text}": ${heard}`);
}
