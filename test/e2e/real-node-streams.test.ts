import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  freePort,
  realNodeSkipReason,
  rigSkipReason,
  startFleet,
  startKubectl,
  startRealNode,
  writeKubeconfig,
  type Fleet,
  type KubectlVersion,
  type RealMember,
} from '../rig/index.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
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

/** Every way to a pod's streams: by which path, under which name, over which protocol. */
const WAYS = [
  { context: 'flotilla-all', pod: 'web@real', protocol: 'WebSocket', version: '1.36' },
  { context: 'flotilla-all', pod: 'web@real', protocol: 'SPDY', version: '1.32' },
  { context: 'flotilla-real', pod: 'web', protocol: 'WebSocket', version: '1.32' },
  { context: 'flotilla-real', pod: 'web', protocol: 'SPDY', version: '1.36' },
] as const;

describe.skipIf(realNodeSkipReason() ?? rigSkipReason())(
  'streams of a real node',
  { timeout: 120_000 },
  () => {
    let real: RealMember;
    let fleet: Fleet;
    let flotilla: Flotilla;

    beforeAll(async () => {
      real = await startRealNode({ name: 'real', metrics: true });
      fleet = await startFleet({ members: [{ name: 'other', nodes: 1 }] });
      await real.apply(POD);
      await fleet
        .member('other')
        .apply({ ...POD, spec: { containers: [{ name: 'main', image: 'x/y:1' }] } });
      const ready = await real.kubectl([
        'wait',
        'pod/web',
        '--for=condition=Ready',
        '--timeout=60s',
      ]);
      expect(ready).toMatchObject({ code: 0 });
      const kubeconfig = join(fleet.directory, 'both');
      await writeKubeconfig(
        kubeconfig,
        [real, fleet.member('other')].map(({ name, url, authority, client }) => ({
          name,
          url,
          authority,
          credential: client,
        })),
      );
      flotilla = await startFlotilla({ kubeconfig });
    }, 600_000);

    afterAll(async () => {
      await flotilla.stop();
      await fleet.stop();
      await real.stop();
    });

    /** Starts kubectl so that it uses the protocol. */
    async function start(
      args: readonly string[],
      {
        context,
        protocol,
        version,
      }: { context: string; protocol: string; version: KubectlVersion },
    ) {
      for (const name of ['KUBECTL_REMOTE_COMMAND_WEBSOCKETS', 'KUBECTL_PORT_FORWARD_WEBSOCKETS']) {
        process.env[name] = protocol === 'WebSocket' ? 'true' : 'false';
      }
      return startKubectl(['--context', context, ...args], {
        kubeconfig: flotilla.kubeconfig,
        version,
      });
    }

    async function run(args: readonly string[], way: (typeof WAYS)[number], input = '') {
      const child = await start(args, way);
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdin.end(input);
      const [code] = (await once(child, 'close')) as [number];
      return { stdout, stderr, code };
    }

    it.each(WAYS)(
      'runs a command: input, output, errors and exit code ($context, $protocol, kubectl $version)',
      async (way) => {
        const ran = await run(
          ['exec', '-i', way.pod, '--', 'sh', '-c', 'cat; echo oops >&2; exit 3'],
          way,
          'to and fro',
        );

        expect(ran).toMatchObject({ stdout: 'to and fro', code: 3 });
        expect(ran.stderr).toContain('oops');
      },
    );

    it.each(WAYS)(
      'follows the log that attach writes ($context, $protocol, kubectl $version)',
      async (way) => {
        const line = `attached by ${way.context} over ${way.protocol}`;
        const follower = await start(['logs', '-f', way.pod], way);
        const attached = await start(['attach', '-i', way.pod], way);
        attached.stdin.write(`${line}\n`);

        await Promise.all([untilSaid(follower.stdout, line), untilSaid(attached.stdout, line)]);

        follower.kill();
        attached.kill();
      },
    );

    it.each(WAYS)(
      'copies a file in and out again, byte for byte ($context, $protocol, kubectl $version)',
      async (way) => {
        const bytes = Buffer.from(Array.from({ length: 2_000_000 }, (_, i) => (i * i) % 251));
        const [sent, received] = [
          join(fleet.directory, 'sent'),
          join(fleet.directory, `received-${way.context}-${way.protocol}`),
        ];
        const copy = `/tmp/copy-${way.context}-${way.protocol}`;
        await writeFile(sent, bytes);

        const sending = await run(['cp', sent, `${way.pod}:${copy}`], way);
        const receiving = await run(['cp', `${way.pod}:${copy}`, received], way);

        expect([sending, receiving]).toMatchObject([{ code: 0 }, { code: 0 }]);
        expect((await readFile(received)).equals(bytes)).toBe(true);
      },
    );

    it.each(WAYS)(
      'forwards a port, several requests long ($context, $protocol, kubectl $version)',
      async (way) => {
        const port = await freePort();
        const forward = await start(['port-forward', `pod/${way.pod}`, `${port}:8080`], way);
        await untilSaid(forward.stdout, 'Forwarding from');

        for (let i = 0; i < 3; i += 1)
          expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('web\n');

        forward.kill();
        await once(forward, 'exit');
      },
    );

    it('finds the logs of a workload by its qualified name', async () => {
      await real.apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'echo', namespace: 'default' },
        spec: {
          selector: { matchLabels: { app: 'echo' } },
          template: {
            metadata: { labels: { app: 'echo' } },
            spec: {
              terminationGracePeriodSeconds: 0,
              containers: [
                {
                  name: 'main',
                  image: 'localhost/busybox:1',
                  command: ['sh', '-c', 'echo from $(hostname); sleep 600'],
                },
              ],
            },
          },
        },
      });
      await fleet.member('other').apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'echo', namespace: 'default' },
        spec: {
          selector: { matchLabels: { app: 'echo' } },
          template: {
            metadata: { labels: { app: 'echo' } },
            spec: { containers: [{ name: 'main', image: 'x/y:1' }] },
          },
        },
      });

      const logs = await eventually('the container has started', async () => {
        const { stdout } = await flotilla.kubectl(['logs', 'deployment/echo@real']);
        return stdout.includes('from echo-') && stdout;
      });

      expect(logs).toMatch(/^from echo-\w+-\w+\n$/);
      expect(await flotilla.ok(['exec', 'deployment/echo@real', '--', 'echo', 'hello'])).toBe(
        'hello\n',
      );
    });

    it('adds a debugging container to a pod', async () => {
      await flotilla.ok([
        'debug',
        'web@real',
        '--image=localhost/busybox:1',
        '--image-pull-policy=Never',
        '--container=probe',
        '--',
        'sh',
        '-c',
        'echo debugging',
      ]);

      await eventually('the container has spoken', async () => {
        const { stdout } = await flotilla.kubectl(['logs', 'web@real', '-c', 'probe']);
        return stdout === 'debugging\n';
      });
    });

    it('refuses a command in a pod that does not exist, as the member would', async () => {
      const { code, stderr } = await flotilla.kubectl(['exec', 'nothing@real', '--', 'true']);

      expect(code).toBe(1);
      expect(stderr).toContain('pods "nothing@real" not found');
    });

    it('shows figures of nodes and pods, which only the real member has', async () => {
      const figures = await eventually('figures of the pod', async () => {
        const top = await flotilla.kubectl(['top', 'pod', 'web@real', '--no-headers']);
        return top.code === 0 && top.stdout;
      });
      const nodes = await flotilla.ok(['top', 'node', '--no-headers']);
      const pods = await flotilla.ok(['top', 'pod', '-A', '--no-headers']);

      expect(figures).toMatch(/^web@real +\d+m +\d+Mi/);
      expect(nodes).toMatch(/^real@real +\d+m/);
      expect(pods).toContain('web@real');
    });

    it('cuts a stream when its pod goes, and leaves the server well', async () => {
      const follower = await start(['logs', '-f', 'web@real'], WAYS[0]);
      await untilSaid(follower.stdout, 'started');

      await flotilla.ok(['delete', 'pod', 'web@real', '--grace-period=0', '--force']);

      const [code] = (await once(follower, 'exit')) as [number];
      expect(code).toBe(0);
      expect(await flotilla.ok(['get', 'pods', '-o', 'name'])).toContain('pod/web@other');
    });
  },
);

/** Resolves when the text has come; a stream that ends before is an error. */
async function untilSaid(stream: Readable, text: string): Promise<void> {
  let heard = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    heard += String(chunk);
    if (heard.includes(text)) return;
  }
  throw new Error(`ended without saying "${text}": ${heard}`);
}
