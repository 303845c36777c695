import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startFaultyProxy, type Fault, type FaultyProxy } from '../support/faulty-proxy.ts';
import { LiveInformer } from '../support/live-informer.ts';
import { ViewClient, type Reply } from '../support/view-client.ts';
import { eventually, rigSkipReason, startFleet, TOKENS, type Fleet } from '../rig/index.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';

const PATH = '/api/v1/namespaces/shop/configmaps';
/** The deadline, and what a loaded machine may add to it. */
const DEADLINE_MS = 3_000 + 1_500;

/** A member behind something that goes wrong, beside two that are well. */
describe.skipIf(rigSkipReason())('a member that can be reached badly or not at all', () => {
  let fleet: Fleet;
  let proxy: FaultyProxy;
  let flotilla: Flotilla;
  let client: ViewClient;
  let informers: LiveInformer[];
  let step = 0;

  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: 'amsterdam', controllers: false },
        { name: 'berlin', controllers: false, version: '1.34' },
        { name: 'chicago', controllers: false },
      ],
    });
    const chicago = fleet.member('chicago');
    const { authority } = chicago.files;
    proxy = await startFaultyProxy({
      target: chicago.url,
      authority: chicago.authority,
      credential: await authority.issue({ commonName: 'proxy', ipAddresses: ['127.0.0.1'] }),
      tokens: { revoked: 'gone', forbidden: TOKENS.viewer },
    });
    const kubeconfig = join(fleet.directory, 'proxied');
    await writeFile(kubeconfig, proxiedKubeconfig(fleet, proxy.url));
    await Promise.all(
      fleet.members.map(async ({ name, apply }) => {
        await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
        await apply(configMap('web', { cluster: name, step: '0' }));
      }),
    );
    flotilla = await startFlotilla({ kubeconfig });
    client = await ViewClient.open(flotilla.kubeconfig, 'flotilla-all');
    informers = [true, false].map(
      (streamsLists) => new LiveInformer(client, { path: PATH, streamsLists }),
    );
    await eventually('informers are synced', () =>
      informers.every(({ isSynced, cache }) => isSynced && cache.size === 3),
    );
  }, 300_000);

  afterAll(async () => {
    await Promise.all(informers.map(async (informer) => informer.close()));
    client.close();
    await flotilla.stop();
    await proxy.close();
    await fleet.stop();
  });

  async function change(cluster: string): Promise<void> {
    step += 1;
    await fleet.member(cluster).apply(configMap('web', { cluster, step: String(step) }));
  }

  /** What informers and a LIST say of a member's object now. */
  async function stepOf(cluster: string): Promise<(string | undefined)[]> {
    const list = JSON.parse((await client.get(PATH)).body) as { items: ConfigMapSeen[] };
    const listed = list.items.find(({ metadata }) => metadata.name === `web@${cluster}`);
    const cached = informers.map(({ cache }) => cache.get(`shop/web@${cluster}`)?.data?.['step']);
    return [listed?.data['step'], ...cached];
  }

  async function expectCurrent(cluster: string, withinMs: number): Promise<void> {
    await change(cluster);
    const now = String(step);
    await eventually(
      `the change in ${cluster} is seen`,
      async () => (await stepOf(cluster)).every((seen) => seen === now),
      { timeoutMs: withinMs },
    );
  }

  async function listWithin(ms: number): Promise<Reply> {
    const reply = await client.get(PATH);
    expect(reply.ms).toBeLessThan(ms);
    expect(reply.status).toBe(200);
    return reply;
  }

  it.each<{ fault: Fault; isStale: boolean }>([
    { fault: 'slow', isStale: true },
    { fault: 'black-holed', isStale: true },
    { fault: 'flapping', isStale: false },
    { fault: 'cut mid-body', isStale: true },
    { fault: 'html', isStale: true },
    { fault: 'broken JSON', isStale: true },
    { fault: 'no HTTP', isStale: true },
    { fault: 'revoked', isStale: true },
    { fault: 'forbidden', isStale: true },
    { fault: 'bad gateway', isStale: true },
    { fault: 'not found', isStale: true },
  ])(
    '$fault: keeps its objects, names it, delays no other, heals by itself',
    { timeout: 120_000 },
    async ({ fault, isStale }) => {
      const seenBefore = informers.map(({ log }) => log.length);
      proxy.set(fault);

      await expectCurrent('amsterdam', DEADLINE_MS);
      await expectCurrent('berlin', DEADLINE_MS);
      if (isStale) {
        const named = await eventually(
          'the member is named',
          async () => {
            const reply = await listWithin(DEADLINE_MS);
            return reply.headers['flotilla-stale-clusters'] === 'chicago' && reply;
          },
          { timeoutMs: 10_000 },
        );
        expect(named.warnings.join()).toMatch(/cluster chicago does not answer.*last known/);
        expect(named.headers['flotilla-missing-clusters']).toBeUndefined();
        const one = await client.get(`${PATH}/web@chicago`);
        expect({ status: one.status, name: nameIn(one.body) }).toEqual({
          status: 200,
          name: 'web@chicago',
        });
        expect(one.headers['flotilla-stale-clusters']).toBe('chicago');
        expect(one.warnings.join()).toContain('cluster chicago');
        expect(one.ms).toBeLessThan(DEADLINE_MS);
      }
      for (const endMs = Date.now() + (isStale ? 0 : 6_000); ;) {
        const during = await listWithin(DEADLINE_MS);
        expect(namesIn(during.body)).toEqual(['web@amsterdam', 'web@berlin', 'web@chicago']);
        if (Date.now() >= endMs) break;
        await sleep(100);
      }
      await expectCurrent('amsterdam', DEADLINE_MS);
      await change('chicago');
      proxy.set('none');

      await eventually(
        'it heals',
        async () => {
          const seen = await stepOf('chicago');
          const reply = await listWithin(DEADLINE_MS);
          const isFresh = reply.headers['flotilla-stale-clusters'] === undefined;
          return isFresh && seen.every((text) => text === String(step));
        },
        { timeoutMs: 20_000 },
      );
      expect(informers.flatMap(({ faults }) => faults)).toEqual([]);
      expect(informers.map(({ relists }) => relists)).toEqual([1, 1]);
      const told = informers.map(({ log }, index) => log.slice(seenBefore[index]));
      expect(told[0]).toEqual(told[1]);
      expect(told[0]?.filter((line) => !line.startsWith('MODIFIED'))).toEqual([]);
      expect(told[0]).toHaveLength(4);
    },
  );

  it(
    'history gone: is read in full again, and only true differences are told',
    { timeout: 120_000 },
    async () => {
      const seenBefore = informers.map(({ log }) => log.length);
      const chicago = fleet.member('chicago');
      await chicago.apply(configMap('twin', {}), configMap('doomed', {}), configMap('still', {}));
      await eventually('they are seen', () => informers.every(({ cache }) => cache.size === 6));
      proxy.set('bad gateway');
      await change('chicago');
      await chicago.kubectl(['-n', 'shop', 'delete', 'configmap', 'twin', 'doomed']);
      await chicago.apply(configMap('twin', {}), configMap('late', {}));

      proxy.set('history gone');

      await eventually('the changes are seen', () =>
        informers.every(({ cache }) => cache.has('shop/late@chicago')),
      );
      expect(proxy.requests()).toBeLessThan(200);
      proxy.set('none');
      await expectCurrent('chicago', 20_000);
      const told = informers.map(({ log }, index) => log.slice(seenBefore[index]).sort());
      expect(told[0]).toEqual(
        [
          ...['twin', 'doomed', 'still', 'twin', 'late'].map(
            (name) => `ADDED shop/${name}@chicago`,
          ),
          ...['twin', 'doomed'].map((name) => `DELETED shop/${name}@chicago`),
          ...['web', 'web'].map((name) => `MODIFIED shop/${name}@chicago`),
        ].sort(),
      );
      expect(told[1]).toEqual(told[0]);
      expect(informers.flatMap(({ faults }) => faults)).toEqual([]);
      expect(informers.map(({ relists }) => relists)).toEqual([1, 1]);
    },
  );
});

interface ConfigMapSeen {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

function namesIn(body: string): string[] {
  return (JSON.parse(body) as { items: ConfigMapSeen[] }).items.map(
    ({ metadata }) => metadata.name,
  );
}

function nameIn(body: string): string {
  return (JSON.parse(body) as ConfigMapSeen).metadata.name;
}

function configMap(name: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

/** The last member is reached by the proxy, which only tokens pass. */
function proxiedKubeconfig({ members }: Fleet, proxyUrl: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: members.map(({ name, url, authority }) => ({
      name,
      cluster: {
        server: name === 'chicago' ? proxyUrl : url,
        'certificate-authority-data': Buffer.from(authority).toString('base64'),
      },
    })),
    users: [{ name: 'admin', user: { token: TOKENS.admin } }],
    contexts: members.map(({ name }) => ({ name, context: { cluster: name, user: 'admin' } })),
    'current-context': 'amsterdam',
  });
}
