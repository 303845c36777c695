import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  TOKENS,
  eventually,
  freePort,
  rigSkipReason,
  startFleet,
  type Fleet,
} from '../rig/index.ts';
import { startFlotilla } from './flotilla.ts';

const NAMES = ['cluster.karmada.io', 'flotilla.io', 'search.karmada.io'].map(
  (group) => `v1alpha1.${group}`,
);

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

describe.skipIf(rigSkipReason())('registering with a real host', { timeout: 120_000 }, () => {
  let fleet: Fleet;
  const host = () => fleet.host!;
  beforeAll(async () => {
    fleet = await startFleet({
      members: [{ name: 'm1', controllers: false }],
      host: { name: 'host', apiServerFlags: ['--enable-aggregator-routing=true'] },
    });
  }, 240_000);
  afterAll(async () => fleet.stop());

  /** A kubeconfig of the host for the holder of a token. */
  const asToken = async (token: string): Promise<string> => {
    const path = join(fleet.directory, `token-${token.slice(-8)}`);
    const authority = Buffer.from(host().authority).toString('base64');
    const cluster = { server: host().url, 'certificate-authority-data': authority };
    const config = {
      'current-context': 'host',
      clusters: [{ name: 'host', cluster }],
      users: [{ name: 'host', user: { token } }],
      contexts: [{ name: 'host', context: { cluster: 'host', user: 'host' } }],
    };
    await writeFile(path, stringify(config), { mode: 0o600 });
    return path;
  };
  const serve = async (hostKubeconfig: string, ...args: string[]) =>
    startFlotilla({
      command: 'serve',
      kubeconfig: fleet.kubeconfig,
      args: ['--host-kubeconfig', hostKubeconfig, '--register', ...args],
    });
  const unregister = async (kubeconfig = host().kubeconfig) =>
    new Promise<{ code: number; stdout: string }>((resolve) => {
      const args = ['src/main.ts', 'unregister', '--host-kubeconfig', kubeconfig];
      const child = execFile(process.execPath, args, (_error, stdout) => {
        resolve({ code: child.exitCode ?? -1, stdout });
      });
    });
  const read = async (...args: string[]): Promise<string> => {
    const { stdout } = await host().kubectl(['get', ...args]);
    return stdout;
  };

  it('the files are what a host takes', async () => {
    await host().kubectl(['create', 'namespace', 'flotilla-system']);
    const { code, stdout } = await host().kubectl([
      'apply',
      '-k',
      'apiservice',
      '--dry-run=server',
    ]);
    await host().kubectl(['delete', 'namespace', 'flotilla-system']);

    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(13);
  });

  it('what may not be read is told, with the right that misses', async () => {
    const started = serve(await asToken(TOKENS.viewer));

    await expect(started).rejects.toThrow(
      /extension-apiserver-authentication of the host can't be read: .*User "viewer" cannot list/,
    );
  });

  it('every right that misses is told at once, and nothing is changed', async () => {
    await host().kubectl([
      ...['create', 'rolebinding', 'reader', '-n', 'kube-system', '--user=viewer'],
      '--role=extension-apiserver-authentication-reader',
    ]);
    await host().kubectl([
      ...['create', 'clusterrole', 'reader', '--verb=get,list', '--resource=*.*'],
    ]);
    await host().kubectl([
      'create',
      'clusterrolebinding',
      'reader',
      '--clusterrole=reader',
      '--user=viewer',
    ]);
    const started = serve(await asToken(TOKENS.viewer));

    const message = await started.then(String, (err: unknown) => (err as Error).message);
    expect(message).toContain("needs rights that the host's kubeconfig does not have");
    expect(message).toContain('create namespaces (Namespace flotilla-system)');
    expect(message).toContain(
      'patch apiservices.apiregistration.k8s.io (APIService v1alpha1.flotilla.io)',
    );
    expect(message).toContain('nothing was changed');
    expect(await read('namespace', 'flotilla-system', '-o', 'name', '--ignore-not-found')).toBe('');
  });

  it("an APIService of somebody else's is not taken, by nothing", async () => {
    await host().apply({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1alpha1.cluster.karmada.io' },
      spec: {
        group: 'cluster.karmada.io',
        version: 'v1alpha1',
        groupPriorityMinimum: 2000,
        versionPriority: 10,
        service: { namespace: 'karmada-system', name: 'karmada-aggregated-apiserver' },
      },
    });
    const message = await serve(host().kubeconfig).then(String, (err: unknown) => String(err));
    const { code, stdout } = await unregister();
    const service = await read('apiservice', NAMES[0] ?? '', '-o', 'jsonpath={.spec.service.name}');
    await host().kubectl(['delete', 'apiservice', NAMES[0] ?? '']);

    expect(message).toContain("APIService v1alpha1.cluster.karmada.io of somebody else's");
    expect(stdout).toContain('APIService v1alpha1.cluster.karmada.io is not ours: left as it is');
    expect(code).toBe(0);
    expect(service).toBe('karmada-aggregated-apiserver');
  });

  it('what --register makes is what the files hold, with the caBundle', async () => {
    const flotilla = await serve(host().kubeconfig);
    const authority = await readFile(join(flotilla.dataDir, 'pki', 'ca.crt'));
    await flotilla.stop();
    const { stdout } = await host().kubectl(['kustomize', 'apiservice']);
    const label = 'app.kubernetes.io/part-of=flotilla';
    const kinds = [...new Set([...stdout.matchAll(/^kind: (.+)$/gm)].map(([, kind]) => kind))];
    const { items } = JSON.parse(await read(kinds.join(','), '-A', '-l', label, '-o', 'json')) as {
      items: Item[];
    };
    const input = stdout;
    const { stdout: differences, code } = await host().kubectl(['diff', '-f', '-'], { input });

    expect(items).toHaveLength(13);
    expect({ differences, code }).toEqual({ differences: '', code: 0 });
    expect(await read('apiservice', NAMES[1] ?? '', '-o', 'jsonpath={.spec.caBundle}')).toBe(
      authority.toString('base64'),
    );
  });

  it('the ServiceAccount of the files can serve and keep its caBundle, and no more', async () => {
    const token = await host().kubectl([
      ...['create', 'token', 'flotilla', '-n', 'flotilla-system'],
    ]);
    const kubeconfig = await asToken(token.stdout.trim());
    const flotilla = await serve(kubeconfig);
    const authority = await readFile(join(flotilla.dataDir, 'pki', 'ca.crt'));
    const bundle = await read('apiservice', NAMES[1] ?? '', '-o', 'jsonpath={.spec.caBundle}');
    await flotilla.stop();
    const taken = await unregister(kubeconfig);

    expect(bundle).toBe(authority.toString('base64'));
    expect(taken.code).toBe(1);
    expect(taken.stdout).toMatch(/APIService v1alpha1\.flotilla\.io is left: .* cannot delete/);
    expect((await read('apiservices', '-o', 'name')).split('\n')).toEqual(
      expect.arrayContaining(NAMES.map((name) => `apiservice.apiregistration.k8s.io/${name}`)),
    );
  });

  // A host takes no loopback address for an endpoint.
  const address = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

  it.skipIf(address === undefined)(
    'a server at an address is reached, and a caBundle that is overwritten is right again',
    async () => {
      const files = await host().kubectl(['apply', '-k', 'apiservice']);
      const port = String(await freePort());
      const flotilla = await serve(
        host().kubeconfig,
        ...['--listen-address', address!, '--port', port, '--advertise', `${address!}:${port}`],
      );
      const isListed = async () => (await host().kubectl(['get', 'clusters'])).code === 0;
      await eventually('the host to reach us', isListed);
      const patch = JSON.stringify({
        spec: { caBundle: Buffer.from(host().authority).toString('base64') },
      });
      await host().kubectl(['patch', 'apiservice', NAMES[0] ?? '', '--type=merge', '-p', patch]);
      const unreached = await host().kubectl(['get', '--raw', '/apis/cluster.karmada.io/v1alpha1']);
      await eventually('the host to reach us again', isListed);
      const clusters = await read('clusters', '-o', 'name');
      await flotilla.stop();

      expect(files.code).toBe(0);
      expect(unreached.code).toBe(1);
      expect(clusters).toBe('cluster.cluster.karmada.io/m1\n');
    },
  );

  it('what people have put into the namespace stays, and is named', async () => {
    await host().kubectl(['create', 'configmap', 'mine', '-n', 'flotilla-system']);
    const first = await unregister();
    await host().kubectl(['delete', 'configmap', 'mine', '-n', 'flotilla-system']);
    const second = await unregister();

    expect(first.stdout).toContain(
      'Namespace flotilla-system holds more than ours (configmaps/mine): left as it is',
    );
    expect(second.stdout).toContain('Namespace flotilla-system deleted');
    expect([first.code, second.code]).toEqual([0, 0]);
  });
});
