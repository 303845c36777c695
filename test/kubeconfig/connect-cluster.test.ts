import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { IN_CLUSTER, connectCluster } from '../../src/kubeconfig/index.ts';
import { type ConnectedMember } from '../../src/members/index.ts';
import { authority, listenHttps, type Loopback } from '../support/loopback-member.ts';

const log = pino({ level: 'silent' });

describe('a connection to one cluster', () => {
  let server: Loopback;
  let directory: string;
  let clock = Date.now();
  beforeAll(async () => {
    server = await listenHttps((req, res) => res.end(JSON.stringify(req.headers)));
    directory = await mkdtemp(join(tmpdir(), 'flotilla-cluster-'));
    await writeFile(join(directory, 'ca.crt'), authority.certificate);
    await writeFile(join(directory, 'token'), 'first\n');
  });
  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const env = () => ({
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(server.port),
  });
  const connect = async (
    kubeconfig: string,
    environment: Record<string, string> = {},
  ): Promise<ConnectedMember> =>
    connectCluster({
      ...{ name: 'host', kubeconfig, log, now: () => clock },
      env: environment,
      serviceAccountDirectory: directory,
    });
  const tokenSeen = async (cluster: ConnectedMember): Promise<unknown> => {
    const { body } = await cluster.fetch({ method: 'GET', path: '/', timeoutMs: 5_000 });
    return (JSON.parse(body.toString()) as Record<string, unknown>)['authorization'];
  };
  const write = async (content: object): Promise<string> => {
    const path = join(directory, `config-${Math.random()}`);
    await writeFile(path, stringify(content));
    return path;
  };
  const entries = () => {
    const ca = Buffer.from(authority.certificate).toString('base64');
    const cluster = { server: server.url, 'certificate-authority-data': ca };
    return {
      clusters: [{ name: 'c', cluster }],
      users: ['one', 'two'].map((name) => ({ name, user: { token: name } })),
      contexts: ['one', 'two'].map((name) => ({ name, context: { cluster: 'c', user: name } })),
    };
  };

  it('follows the current context of its kubeconfig', async () => {
    const path = await write({ ...entries(), 'current-context': 'two' });
    const cluster = await connect(path);
    const before = await tokenSeen(cluster);
    await writeFile(path, stringify({ ...entries(), 'current-context': 'one' }));
    const other = await connect(path);

    expect(before).toBe('Bearer two');
    expect(await tokenSeen(other)).toBe('Bearer one');
    await Promise.all([cluster.close(), other.close()]);
  });

  it('of a pod uses what is mounted, as it is renewed', async () => {
    const cluster = await connect(IN_CLUSTER, env());
    const before = await tokenSeen(cluster);
    await writeFile(join(directory, 'token'), 'second\n');
    await utimes(join(directory, 'token'), new Date(), new Date(Date.now() + 5_000));
    clock += 2_000;

    expect(before).toBe('Bearer first');
    expect(await tokenSeen(cluster)).toBe('Bearer second');
    await cluster.close();
  });

  it.each([
    {
      title: 'there is no pod',
      kubeconfig: async () => Promise.resolve(IN_CLUSTER),
      says: 'does not run in a cluster',
    },
    {
      title: 'there is no file',
      kubeconfig: async () => Promise.resolve('/no/such'),
      says: '/no/such',
    },
    {
      title: 'no context is current',
      kubeconfig: async () => write(entries()),
      says: 'current-context',
    },
    {
      title: 'the current context is not there',
      kubeconfig: async () => write({ ...entries(), 'current-context': 'three' }),
      says: 'current-context',
    },
  ])('is refused when $title', async ({ kubeconfig, says }) => {
    await expect(connect(await kubeconfig())).rejects.toMatchObject({ reason: 'BadRequest' });
    await expect(connect(await kubeconfig())).rejects.toThrow(says);
  });
});
