import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FleetOptions, fleetFromKubeconfig } from '../../src/kubeconfig/index.ts';
import { type Fleet } from '../../src/members/index.ts';
import { type Loopback, listenHttp } from '../support/loopback-member.ts';

const open: { close: () => Promise<void> }[] = [];
const warnings: string[] = [];
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fleet-'));
  warnings.length = 0;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await rm(directory, { recursive: true });
});

async function listenCluster(uid: string): Promise<Loopback> {
  const server = await listenHttp((req, res) => {
    res.end(req.url === '/version' ? '{"gitVersion":"v1"}' : JSON.stringify({ metadata: { uid } }));
  });
  open.push(server);
  return server;
}

async function openFleet(
  clusters: Record<string, object | string>,
  options: Partial<FleetOptions> = {},
): Promise<Fleet> {
  const names = Object.keys(clusters);
  const file = join(directory, 'config');
  const entry = (value: object | string) => (typeof value === 'string' ? { server: value } : value);
  const config = {
    clusters: names.map((name) => ({ name, cluster: entry(clusters[name]!) })),
    contexts: names.map((name) => ({ name, context: { cluster: name } })),
  };
  await writeFile(file, JSON.stringify(config));
  const fleet = await fleetFromKubeconfig({
    files: [file],
    contexts: undefined,
    env: {},
    log: { info: () => undefined, warn: (_fields, message) => void warnings.push(message) },
    now: () => Date.now(),
    ...options,
  });
  open.push(fleet);
  return fleet;
}

const names = (fleet: Fleet) => fleet.members.map(({ name }) => name);

describe('a fleet', () => {
  it('is sorted by name and found by it', async () => {
    const fleet = await openFleet({ b: 'https://x:1', A: 'https://x:2', c: 'https://x:3' });

    expect(names(fleet)).toEqual(['a', 'b', 'c']);
    expect(fleet.get('a')?.server.port).toBe('2');
    expect(fleet.get('nope')).toBeUndefined();
  });

  it('of no contexts is empty', async () => {
    expect(names(await openFleet({}))).toEqual([]);
    expect(names(await openFleet({}, { files: undefined }))).toEqual([]);
  });

  it('serves two contexts of one cluster as one, the first, and says so', async () => {
    const [one, two] = [await listenCluster('same'), await listenCluster('other')];
    const fleet = await openFleet({ z: one.url, b: two.url, a: `${one.url}/` });
    let changes = 0;
    fleet.onChange(() => (changes += 1));

    fleet.start();
    await fleet.whenProbed();

    expect(names(fleet)).toEqual(['b', 'z']);
    expect(fleet.get('a')).toBeUndefined();
    expect(changes).toBe(1);
    expect(warnings).toContain('context a is the same cluster as z; served as z only');
  });

  it('keeps members that are down, and drops a double when it answers', async () => {
    const one = await listenCluster('same');
    const down = await listenCluster('same');
    await down.close();
    const fleet = await openFleet({ one: one.url, late: down.url });
    fleet.start();
    await fleet.whenProbed();
    expect(names(fleet)).toEqual(['late', 'one']);
    expect(fleet.get('late')?.health.lastError).toMatch(/refused/);

    down.server.listen(down.port, '127.0.0.1');

    await expect.poll(() => names(fleet), { timeout: 6_000 }).toEqual(['one']);
  });

  it.each([
    { title: 'its own address', cluster: 'https://127.0.0.1:7443', isIn: false },
    {
      title: 'its own address by another loopback name',
      cluster: 'https://localhost:7443/x',
      isIn: false,
    },
    { title: 'another port', cluster: 'https://127.0.0.1:7444', isIn: true },
    {
      title: 'a view',
      cluster: 'https://elsewhere/apis/flotilla.io/v1alpha1/views/all/proxy',
      isIn: false,
    },
    {
      title: 'a marked address',
      cluster: { server: 'https://elsewhere', extensions: [{ name: 'flotilla.io' }] },
      isIn: false,
    },
    { title: 'no address', cluster: { server: '' }, isIn: false },
    { title: 'an address of another scheme', cluster: 'ftp://x', isIn: false },
    { title: 'an address without a scheme', cluster: '10.0.0.1:6443', isIn: true },
  ])('holds a context of $title: $isIn', async ({ cluster, isIn }) => {
    const fleet = await openFleet({ it: cluster }, { ownAddresses: ['127.0.0.1:7443'] });

    expect(names(fleet)).toEqual(isIn ? ['it'] : []);
  });

  it('refuses a choice with all its faults', async () => {
    await expect(openFleet({ a: 'https://x' }, { contexts: ['b', 'B!=a'] })).rejects.toMatchObject({
      reason: 'BadRequest',
      message: expect.stringMatching(/no context "b".*; "B!" can't name a member/) as string,
    });
  });

  it('ends its probes and connections', async () => {
    const cluster = await listenCluster('u');
    const fleet = await openFleet({ a: cluster.url });
    fleet.start();
    await fleet.whenProbed();

    await fleet.close();

    await expect.poll(() => cluster.sockets.size).toBe(0);
  });
});
