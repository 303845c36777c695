import { get } from 'node:http';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  freePort,
  rigSkipReason,
  startFleet,
  startKubectl,
  type Fleet,
} from '../rig/index.ts';
import { startUp, type Up } from '../support/start-up.ts';

async function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (res) => {
      let text = '';
      res.on('data', (chunk) => (text += String(chunk)));
      res.on('end', () => {
        resolve(text);
      });
    }).on('error', reject);
  });
}

interface RunningWatch {
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

/** A `kubectl get -w` that has shown its first lines. */
async function watchBy(args: readonly string[], kubeconfig: string): Promise<RunningWatch> {
  const child = await startKubectl(args, { kubeconfig });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stderr });
    });
  });
  await eventually(`first lines of ${args.join(' ')}`, () => stdout.includes('NAME'));
  return { ended };
}

describe.skipIf(rigSkipReason())('flotilla up over real clusters', { timeout: 120_000 }, () => {
  let fleet: Fleet;
  let up: Up;
  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: 'm1', nodes: 1 },
        { name: 'm2', version: '1.34', nodes: 1 },
      ],
    });
    await Promise.all(
      fleet.members.map(async (member) => {
        await member.kubectl(['run', 'web', '--image=web:1']);
        await member.kubectl(['wait', '--for=condition=Ready', 'pod/web', '--timeout=60s']);
      }),
    );
    up = await startUp({ kubeconfig: fleet.kubeconfig });
  }, 240_000);
  afterAll(async () => {
    await up.remove();
    await fleet.stop();
  });

  it('is ready within seconds, with a private kubeconfig', async () => {
    expect(up.readyMs).toBeLessThan(30_000);
    expect(up.kubeconfig).toBe(join(up.dataDir, 'kubeconfig'));
    expect((await stat(up.kubeconfig)).mode & 0o777).toBe(0o600);
  });

  it.each(['1.32', '1.36'] as const)('kubectl %s shows clusters and views', async (version) => {
    const clusters = await up.kubectl('flotilla', ['get', 'clusters'], { version });
    const views = await up.kubectl('flotilla', ['get', 'views', '-o', 'name'], { version });
    const resources = await up.kubectl('flotilla', ['api-resources', '-o', 'name'], { version });
    const explain = await up.kubectl('flotilla', ['explain', 'clusters.spec.syncMode'], {
      version,
    });

    expect(clusters.stdout).toMatch(/^NAME +VERSION +MODE +READY +AGE$/m);
    expect(clusters.stdout).toMatch(/^m1 +v1\.36\.\d+ +Push +True +/m);
    expect(clusters.stdout).toMatch(/^m2 +v1\.34\.\d+ +Push +True +/m);
    expect(views.stdout).toBe('view.flotilla.io/all\nview.flotilla.io/control-plane\n');
    expect(resources.stdout).toBe('clusters.cluster.karmada.io\nviews.flotilla.io\n');
    expect(explain.stdout).toContain('Push');
    expect([clusters, views, resources, explain].map(({ stderr }) => stderr)).toEqual([
      '',
      '',
      '',
      '',
    ]);
  });

  it("a Cluster's status tells what the member serves", async () => {
    const { stdout } = await up.kubectl('flotilla', ['get', 'cluster', 'm1', '-o', 'json']);

    const { spec, status } = JSON.parse(stdout) as {
      spec: { id: string };
      status: { apiEnablements: { groupVersion: string; resources: object[] }[] };
    };
    const uid = await fleet.members[0]?.kubectl([
      'get',
      'ns',
      'kube-system',
      '-o',
      'jsonpath={.metadata.uid}',
    ]);
    expect(spec.id).toBe(uid?.stdout);
    expect(
      status.apiEnablements.find(({ groupVersion }) => groupVersion === 'apps/v1')?.resources,
    ).toContainEqual({
      kind: 'Deployment',
      name: 'deployments',
    });
  });

  it.each(['m1', 'm2'])('context flotilla-%s is that member, byte for byte', async (name) => {
    const member = fleet.members.find((one) => one.name === name);
    const commands = [
      ['get', 'pods', 'web', '-o', 'yaml', '--show-managed-fields'],
      ['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.uid}'],
      ['api-resources', '--cached=false'],
      ['get', 'pods', 'nope'],
      ['get', 'nopes'],
      ['logs', 'nope'],
      ['logs', 'web'],
      ['exec', 'web', '--', 'sh', '-c', 'echo out; echo $MEMBER'],
    ];
    for (const args of commands) {
      const direct = await member?.kubectl(args);
      const through = await up.kubectl(`flotilla-${name}`, args);
      expect(through, args.join(' ')).toEqual(direct);
    }
  });

  it.each(['1.32', '1.36'] as const)(
    'get --raw of kubectl %s reaches a member',
    async (version) => {
      const path = '/api/v1/namespaces/default/pods/web';
      const prefix = '/apis/cluster.karmada.io/v1alpha1/clusters/m2/proxy';
      const direct = await fleet.members[1]?.kubectl(['get', '--raw', path]);
      const raw = async (args: readonly string[]): Promise<unknown> =>
        up.kubectl('flotilla', ['get', '--raw', ...args], { version });

      expect(await raw([path, '--tls-server-name', 'm2.member.flotilla'])).toEqual(direct);
      expect(await raw([`${prefix}${path}`])).toEqual(direct);
    },
  );

  it.each(['true', 'false'])(
    'exec works with KUBECTL_REMOTE_COMMAND_WEBSOCKETS=%s',
    async (value) => {
      process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'] = value;
      try {
        const { stdout, stderr } = await up.kubectl('flotilla-m1', [
          'exec',
          'web',
          '--',
          'echo',
          value,
        ]);

        expect({ stdout, stderr }).toEqual({ stdout: `${value}\n`, stderr: '' });
      } finally {
        delete process.env['KUBECTL_REMOTE_COMMAND_WEBSOCKETS'];
      }
    },
  );

  it('writes to a member go there and to no other', async () => {
    const made = await up.kubectl('flotilla-m1', [
      'create',
      'configmap',
      'only-m1',
      '--from-literal=a=b',
    ]);
    const [one, two] = await Promise.all(
      fleet.members.map(async (member) =>
        member.kubectl(['get', 'configmap', 'only-m1', '-o', 'name']),
      ),
    );

    expect(made.code).toBe(0);
    expect(one?.stdout).toBe('configmap/only-m1\n');
    expect(two?.code).toBe(1);
  });

  it('logs are followed as they are written', async () => {
    const child = await startKubectl(['--context', 'flotilla-m1', 'logs', '-f', 'web'], {
      kubeconfig: up.kubeconfig,
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    await eventually('what was logged', () => text.includes('started'));
    await fleet.members[0]?.appendLog('a line written later');
    await eventually('what is logged later', () => text.includes('a line written later'));
    child.kill();
  });

  it('port-forward carries bytes to the right member', async () => {
    const port = await freePort();
    const child = await startKubectl(
      ['--context', 'flotilla-m2', 'port-forward', 'pod/web', `${port}:80`],
      { kubeconfig: up.kubeconfig },
    );
    const text = await eventually('an answer', async () => fetchText(`http://127.0.0.1:${port}/`));
    child.kill();

    expect(text).toContain('m2');
  });

  it.each([
    {
      title: 'as it comes, by the TLS server name',
      args: ['--tls-server-name', 'm2.member.flotilla'],
      minor: '34',
    },
    { title: 'with --append-server-path', args: ['--append-server-path'], minor: '34' },
    { title: 'as it comes, to this server itself', args: [], minor: '36' },
  ])('kubectl proxy works $title', async ({ args, minor }) => {
    const port = await freePort();
    const child = await startKubectl(
      ['--context', 'flotilla-m2', 'proxy', `--port=${port}`, ...args],
      { kubeconfig: up.kubeconfig },
    );
    const text = await eventually('an answer', async () =>
      fetchText(`http://127.0.0.1:${port}/version`),
    );
    child.kill();

    expect(JSON.parse(text)).toMatchObject({ minor });
  });

  it('a dead member is told as such within seconds, and lives again by itself', async () => {
    const member = fleet.members[1];
    const shown = async (line: RegExp): Promise<boolean> =>
      line.test((await up.kubectl('flotilla', ['get', 'clusters'])).stdout);
    await member?.kill();
    await eventually('m2 shown as dead', async () => shown(/^m2 .* False /m));
    const failed = await up.kubectl('flotilla-m2', ['get', 'pods']);
    const other = await up.kubectl('flotilla-m1', ['get', 'pods', '-o', 'name']);
    await member?.restart();
    await eventually('m2 shown as alive', async () => shown(/^m2 .* True /m));

    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('m2');
    expect(other.stdout).toBe('pod/web\n');
    expect((await up.kubectl('flotilla-m2', ['get', 'pods', '-o', 'name'])).stdout).toBe(
      'pod/web\n',
    );
  });

  it('its own kubeconfig makes no members of itself', async () => {
    const before = await readFile(up.kubeconfig, 'utf8');
    const both = join(up.dataDir, 'both');
    await writeFile(both, before);

    const second = await startUp({ kubeconfig: `${fleet.kubeconfig}:${both}` });
    const { stdout } = await second.kubectl('flotilla', ['get', 'clusters', '-o', 'name']);
    await second.stop();
    await second.remove();

    expect(stdout).toBe('cluster.cluster.karmada.io/m1\ncluster.cluster.karmada.io/m2\n');
  });

  it('SIGTERM ends watches properly and the process with 0, in seconds', async () => {
    const other = await startUp({ kubeconfig: fleet.kubeconfig });
    const watches = await Promise.all(
      [
        ['--context', 'flotilla', 'get', 'clusters', '-w'],
        ['--context', 'flotilla-m1', 'get', 'pods', '-w'],
        ['--context', 'flotilla-all', 'get', 'pods', '-w'],
      ].map(async (args) => watchBy(args, other.kubeconfig)),
    );
    const stopped = await other.stop('SIGTERM');
    const ends = await Promise.all(watches.map(async ({ ended }) => ended));
    await other.remove();

    expect(stopped.code).toBe(0);
    expect(stopped.ms).toBeLessThan(10_500);
    expect(ends).toEqual(watches.map(() => ({ code: 0, stderr: '' })));
  });

  it('starts again with the same certificates', async () => {
    const before = await readFile(join(up.dataDir, 'pki', 'ca.crt'), 'utf8');
    const { code } = await up.stop('SIGINT');
    const again = await startUp({ kubeconfig: fleet.kubeconfig, dataDir: up.dataDir });
    const clusters = await again.kubectl('flotilla', ['get', 'clusters', '-o', 'name']);
    await again.stop();

    expect(code).toBe(0);
    expect(await readFile(join(up.dataDir, 'pki', 'ca.crt'), 'utf8')).toBe(before);
    expect(clusters.code).toBe(0);
  });
});
