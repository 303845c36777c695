import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort, kubectl, type Finished, type Fleet, type Member } from '../rig/index.ts';
import { startFlotilla, type Flotilla, type KubectlRun } from './flotilla.ts';

/** A fleet behind a host whose aggregator leads to `flotilla serve` on this machine. */
export interface ServedHost {
  readonly fleet: Fleet;
  readonly host: Member;
  readonly flotilla: Flotilla;
  /** PEM; what its serving certificate is signed by. */
  readonly authority: string;
  /**
   * Runs kubectl against the host; contexts `all`, `karmada`, `control-plane` and each member's name
   * lead through its aggregator, `-USER` appended as the user of a token.
   */
  readonly kubectl: (args: readonly string[], options?: KubectlRun) => Promise<Finished>;
  /** Where that kubeconfig is. */
  readonly kubeconfig: string;
  /** Starts it again after its end, on the same port. */
  readonly serveAgain: () => Promise<Flotilla>;
}

const PATHS = {
  host: '',
  all: '/apis/flotilla.io/v1alpha1/views/all/proxy',
  'control-plane': '/apis/flotilla.io/v1alpha1/views/control-plane/proxy',
  karmada: '/apis/search.karmada.io/v1alpha1/proxying/karmada/proxy',
};

/** @param tokens - user → bearer token, for contexts of theirs */
export async function startServedHost(
  fleet: Fleet,
  tokens: Readonly<Record<string, string>>,
): Promise<ServedHost> {
  const { host } = fleet;
  if (!host) throw new Error('the fleet has no host');
  const port = String(await freePort());
  const serve = async (): Promise<Flotilla> =>
    startFlotilla({
      command: 'serve',
      kubeconfig: fleet.kubeconfig,
      args: [
        ...['--host-kubeconfig', host.kubeconfig, '--port', port],
        ...['--register', '--advertise', `localhost:${port}`],
      ],
    });
  const flotilla = await serve();
  const kubeconfig = join(fleet.directory, 'through');
  await writeFile(kubeconfig, throughConfig(fleet, tokens), { mode: 0o600 });
  return {
    fleet,
    host,
    flotilla,
    authority: await readFile(join(flotilla.dataDir, 'pki', 'ca.crt'), 'utf8'),
    kubeconfig,
    kubectl: async (args, { context = 'host', ...rest } = {}) =>
      kubectl(['--context', context, ...args], { ...rest, kubeconfig }),
    serveAgain: serve,
  };
}

function throughConfig({ host, members }: Fleet, tokens: Readonly<Record<string, string>>): string {
  const base64 = (text = ''): string => Buffer.from(text).toString('base64');
  const ways = Object.entries({
    ...PATHS,
    ...Object.fromEntries(
      members.map(({ name }) => [name, `/apis/cluster.karmada.io/v1alpha1/clusters/${name}/proxy`]),
    ),
  });
  const users = ['admin', ...Object.keys(tokens)];
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: ways.map(([name, path]) => ({
      name,
      cluster: {
        server: `${host?.url ?? ''}${path}`,
        'certificate-authority-data': base64(host?.authority),
      },
    })),
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': base64(host?.client.certificate),
          'client-key-data': base64(host?.client.key),
        },
      },
      ...Object.entries(tokens).map(([name, token]) => ({ name, user: { token } })),
    ],
    contexts: users.flatMap((user) =>
      ways.map(([name]) => ({
        name: user === 'admin' ? name : `${name}-${user}`,
        context: { cluster: name, user },
      })),
    ),
  });
}
