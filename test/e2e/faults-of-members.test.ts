import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, rigSkipReason, startFleet, type Fleet, type Member } from '../rig/index.ts';
import { LiveInformer } from '../support/live-informer.ts';
import { ViewClient, type Reply } from '../support/view-client.ts';
import { startFlotilla, type Flotilla } from './flotilla.ts';
import { crontabs } from './shop.ts';

const PATH = '/api/v1/namespaces/shop/configmaps';
const CRONTABS = '/apis/stable.example.com/v1/crontabs';
/** The deadline, and what a loaded machine may add to it. */
const DEADLINE_MS = 3_000 + 1_500;

/** Real members that die, freeze, restart and change below one running server, one after the other. */
describe.skipIf(rigSkipReason())('real members with faults', () => {
  let fleet: Fleet;
  let flotilla: Flotilla;
  let client: ViewClient;
  let root: ViewClient;
  let informers: LiveInformer[];
  let step = 0;
  let readyMs = 0;

  beforeAll(async () => {
    fleet = await startFleet({
      members: [
        { name: 'amsterdam', controllers: false },
        { name: 'berlin', controllers: false, version: '1.34' },
        { name: 'chicago', controllers: false },
      ],
    });
    await Promise.all(
      fleet.members.map(async ({ name, apply }) => {
        await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
        await apply(configMap(name, '0'));
      }),
    );
    await fleet.member('chicago').kill();
    const startMs = Date.now();
    flotilla = await startFlotilla({ kubeconfig: fleet.kubeconfig });
    readyMs = Date.now() - startMs;
    client = await ViewClient.open(flotilla.kubeconfig, 'flotilla-all');
    root = await ViewClient.open(flotilla.kubeconfig, 'flotilla');
    informers = [true, false].map(
      (streamsLists) => new LiveInformer(client, { path: PATH, streamsLists }),
    );
  }, 300_000);

  afterEach(async () => {
    for (const member of fleet.members) member.thaw();
    for (const member of fleet.members) if (!isUp(member)) await member.restart();
  });

  afterAll(async () => {
    await Promise.all(informers.map(async (informer) => informer.close()));
    client.close();
    root.close();
    await flotilla.stop();
    await fleet.stop();
  });

  async function change({ name, apply }: Member): Promise<void> {
    step += 1;
    await apply(configMap(name, String(step)));
  }

  async function expectCurrent(member: Member, withinMs = DEADLINE_MS): Promise<void> {
    await change(member);
    const now = String(step);
    await eventually(
      `the change in ${member.name} is seen`,
      async () => {
        const { body } = await client.get(PATH);
        const { items } = JSON.parse(body) as { items: ConfigMapSeen[] };
        const key = `web@${member.name}`;
        const listed = items.find(({ metadata }) => metadata.name === key)?.data['step'];
        const cached = informers.map(({ cache }) => cache.get(`shop/${key}`)?.data?.['step']);
        return [listed, ...cached].every((seen) => seen === now);
      },
      { timeoutMs: withinMs },
    );
  }

  async function listWithin(ms: number): Promise<Reply> {
    const reply = await client.get(PATH);
    expect(reply.status).toBe(200);
    expect(reply.ms).toBeLessThan(ms);
    return reply;
  }

  async function untilNamed(clusters: string | undefined, timeoutMs = 10_000): Promise<Reply> {
    return eventually(
      `stale: ${clusters ?? 'none'}`,
      async () => {
        const reply = await listWithin(DEADLINE_MS);
        return reply.headers['flotilla-stale-clusters'] === clusters && reply;
      },
      { timeoutMs },
    );
  }

  async function metric(name: string, member: string): Promise<number> {
    const { body } = await root.get('/metrics');
    const [, value] = new RegExp(`^${name}{member="${member}"} (\\S+)$`, 'm').exec(body) ?? [];
    return Number(value);
  }

  /** Nothing was cut, read again or told wrongly, and both saw the same. */
  function expectUndisturbed(): void {
    expect(informers.flatMap(({ faults }) => faults)).toEqual([]);
    expect(informers.map(({ relists }) => relists)).toEqual([1, 1]);
    expect(informers[0]?.log).toEqual(informers[1]?.log);
  }

  it(
    'starts while one is down, names it as missing, and adds its objects to open watches',
    { timeout: 60_000 },
    async () => {
      expect(readyMs).toBeLessThan(15_000);
      const reply = await listWithin(DEADLINE_MS);
      expect(namesIn(reply.body)).toEqual(['web@amsterdam', 'web@berlin']);
      expect(reply.headers['flotilla-missing-clusters']).toBe('chicago');
      expect(reply.headers['flotilla-stale-clusters']).toBeUndefined();
      expect(reply.warnings.join()).toContain('cluster chicago was never read');
      const one = await client.get(`${PATH}/web@chicago`);
      expect({ status: one.status, isNamed: one.body.includes('cluster chicago') }).toEqual({
        status: 503,
        isNamed: true,
      });
      expect(one.ms).toBeLessThan(DEADLINE_MS);
      await eventually('informers are synced', () => informers.every(({ isSynced }) => isSynced));
      const namespaces = new LiveInformer(client, {
        path: '/api/v1/namespaces',
        streamsLists: true,
      });
      await eventually('namespaces are synced', () => namespaces.isSynced);

      await fleet.member('chicago').restart();

      await expectCurrent(fleet.member('chicago'), 15_000);
      await untilNamed(undefined);
      expect(informers[0]?.log[0]).toBe('ADDED shop/web@chicago');
      expectUndisturbed();
      await eventually('the namespace is told to be in all', () =>
        namespaces.cache
          .get('/shop')
          ?.metadata.annotations?.['flotilla.io/clusters']?.includes('chicago'),
      );
      expect(namespaces.faults).toEqual([]);
      await namespaces.close();
    },
  );

  it.each([
    {
      title: 'killed',
      harm: async (member: Member) => member.kill(),
      heal: async (member: Member) => member.restart(),
    },
    {
      title: 'frozen',
      harm: async (member: Member) => {
        member.freeze();
        return Promise.resolve();
      },
      heal: async (member: Member) => {
        member.thaw();
        return Promise.resolve();
      },
    },
  ])('one that is $title', { timeout: 120_000 }, async ({ harm, heal }) => {
    const [amsterdam, berlin, chicago] = fleet.members as [Member, Member, Member];
    await expectCurrent(chicago);
    const objectsBefore = await metric('flotilla_member_objects', 'chicago');
    const told = informers[0]?.log.length ?? 0;
    await harm(chicago);

    const early = await client.get(`${PATH}/web@chicago`);
    expect({ status: early.status, stale: early.headers['flotilla-stale-clusters'] }).toEqual({
      status: 200,
      stale: 'chicago',
    });
    expect(early.ms).toBeLessThan(DEADLINE_MS);
    await expectCurrent(amsterdam);
    const named = await untilNamed('chicago');
    expect(named.warnings.join()).toMatch(/chicago .*last known objects of \d+s ago/);
    expect(namesIn(named.body)).toEqual(['web@amsterdam', 'web@berlin', 'web@chicago']);
    const { stdout, stderr } = await flotilla.kubectl(['-n', 'shop', 'get', 'configmaps']);
    expect(stdout).toContain('web@chicago');
    expect(stderr).toContain('Warning: cluster chicago does not answer');
    const write = await flotilla.kubectl([
      '-n',
      'shop',
      'label',
      'configmap',
      'web@chicago',
      'a=b',
    ]);
    expect({ code: write.code, isNamed: write.stderr.includes('chicago') }).toEqual({
      code: 1,
      isNamed: true,
    });
    await eventually(
      'it is counted as down',
      async () => (await metric('flotilla_member_up', 'chicago')) === 0,
      { timeoutMs: 10_000 },
    );
    expect(await metric('flotilla_member_up', 'berlin')).toBe(1);
    expect(await metric('flotilla_member_stale', 'chicago')).toBe(1);
    expect(await metric('flotilla_member_lag_seconds', 'chicago')).toBeGreaterThan(4);
    expect(await metric('flotilla_member_objects', 'chicago')).toBe(objectsBefore);
    expect(await metric('flotilla_member_bytes', 'chicago')).toBeGreaterThan(0);
    for (const check of ['livez', 'readyz', 'healthz']) {
      const { status, body } = await root.get(`/${check}?verbose`);
      expect(body).toContain(`${check} check passed`);
      expect(status).toBe(200);
    }
    await heal(chicago);

    await expectCurrent(chicago, 20_000);
    await untilNamed(undefined);
    await expectCurrent(berlin);
    expectUndisturbed();
    // What was written to a frozen member in vain may yet be done when it goes on.
    expect([...new Set(informers[0]?.log.slice(told))].sort()).toEqual(
      ['amsterdam', 'berlin', 'chicago'].map((name) => `MODIFIED shop/web@${name}`),
    );
    await eventually(
      'no kind of it is stale',
      async () => (await metric('flotilla_member_stale', 'chicago')) === 0,
      { timeoutMs: 10_000 },
    );
  });

  it(
    'all at once: everything is still shown, and said to be old',
    { timeout: 120_000 },
    async () => {
      for (const member of fleet.members) member.freeze();

      const named = await untilNamed('amsterdam,berlin,chicago');
      expect(namesIn(named.body)).toEqual(['web@amsterdam', 'web@berlin', 'web@chicago']);
      const discovery = await client.get('/apis');
      expect({ status: discovery.status, isSoon: discovery.ms < DEADLINE_MS }).toEqual({
        status: 200,
        isSoon: true,
      });
      expect((await root.get('/readyz')).status).toBe(200);
      for (const member of fleet.members) member.thaw();

      await untilNamed(undefined, 20_000);
      for (const member of fleet.members) await expectCurrent(member, 10_000);
      expectUndisturbed();
    },
  );

  it('one that is upgraded under load', { timeout: 180_000 }, async () => {
    const berlin = fleet.member('berlin');
    const busy = new AbortController();
    const writing = keepWriting(fleet.member('amsterdam'), busy.signal);

    await berlin.upgrade('1.36');

    await expectCurrent(berlin, 30_000);
    busy.abort();
    const written = await writing;
    expect(written).toBeGreaterThan(3);
    await eventually('the last write is seen', () =>
      informers.every(
        ({ cache }) => cache.get('shop/load@amsterdam')?.data?.['step'] === String(written),
      ),
    );
    await untilNamed(undefined, 20_000);
    expectUndisturbed();
    await eventually('its new version is told', async () => {
      const args = ['get', 'clusters.cluster.karmada.io', 'berlin', '-o'];
      const text = await flotilla.ok([...args, 'jsonpath={.status.kubernetesVersion}'], {
        context: 'flotilla',
      });
      return text.startsWith('v1.36');
    });
  });

  it(
    'a custom resource that goes, comes back otherwise and comes to another',
    { timeout: 120_000 },
    async () => {
      const [amsterdam, berlin] = fleet.members as [Member, Member];
      await amsterdam.apply(crontabs());
      await createCronTab(amsterdam, 'night');
      const watcher = await eventually('the kind is served', async () => {
        if ((await client.get(CRONTABS)).status !== 200) return false;
        return new LiveInformer(client, { path: CRONTABS, streamsLists: true });
      });
      await eventually('its object is seen', () => watcher.cache.has('shop/night@amsterdam'));

      await amsterdam.kubectl(['delete', 'crd', 'crontabs.stable.example.com']);
      await eventually('its object is gone', () => watcher.cache.size === 0, {
        timeoutMs: 15_000,
      });
      await eventually('the kind is gone', async () => (await client.get(CRONTABS)).status === 404);
      await amsterdam.apply(otherCrontabs());
      await createCronTab(amsterdam, 'day');
      await berlin.apply(otherCrontabs());
      await createCronTab(berlin, 'day');

      await eventually('the new objects are seen', () =>
        ['amsterdam', 'berlin'].every((name) => watcher.cache.has(`shop/day@${name}`)),
      );
      expect(watcher.faults).toEqual([]);
      expect(watcher.relists).toBe(1);
      expect(watcher.log.toSorted()).toEqual([
        'ADDED shop/day@amsterdam',
        'ADDED shop/day@berlin',
        ...watcher.log.filter((line) => line.startsWith('ADDED shop/night')),
        'DELETED shop/night@amsterdam',
      ]);
      await watcher.close();
      await eventually('the new columns are printed', async () => {
        const { stdout } = await flotilla.kubectl(['get', 'crontabs', '-A']);
        return /NAME +CLUSTER +COLOUR/.test(stdout) && /day@berlin +berlin +blue/.test(stdout);
      });
    },
  );

  it('is told to end while watches are open and a member is frozen: not ready first, then they end properly', async () => {
    const watch = await client.stream(`${PATH}?watch=1`);
    let ends = '';
    watch.once('end', () => (ends = 'properly'));
    watch.once('error', (error) => (ends = error.message));
    watch.resume();
    await Promise.all(informers.map(async (informer) => informer.close()));
    fleet.member('chicago').freeze();
    const startMs = Date.now();
    flotilla.process.kill('SIGTERM');

    const unready = await eventually('it is not ready', async () => {
      const reply = await root.get('/readyz');
      return reply.status === 500 && reply;
    });
    expect(unready.body).toContain('[-]shutdown failed');
    expect(ends).toBe('');
    const [code] = (await once(flotilla.process, 'exit')) as [number];

    expect({ code, ends }).toEqual({ code: 0, ends: 'properly' });
    expect(Date.now() - startMs).toBeLessThan(5_000);
  });

  it('starts while all are down, says so, and recovers', { timeout: 120_000 }, async () => {
    const [amsterdam, berlin, chicago] = fleet.members as [Member, Member, Member];
    await Promise.all([amsterdam.kill(), berlin.kill()]);
    chicago.freeze();
    const startMs = Date.now();
    const second = await startFlotilla({ kubeconfig: fleet.kubeconfig });
    expect(Date.now() - startMs).toBeLessThan(15_000);
    const secondClient = await ViewClient.open(second.kubeconfig, 'flotilla-all');
    try {
      const { code, stderr } = await second.kubectl(['get', 'configmaps', '-A']);
      expect(stderr).toContain(
        'no cluster has told yet what it serves: amsterdam, berlin, chicago',
      );
      expect(code).toBe(1);
      const reply = await secondClient.get(PATH);
      expect({ status: reply.status, isSoon: reply.ms < DEADLINE_MS }).toEqual({
        status: 503,
        isSoon: true,
      });
      for (const name of ['amsterdam', 'berlin', 'chicago']) expect(reply.body).toContain(name);
      const clusters = await second.ok(['get', 'clusters.cluster.karmada.io'], {
        context: 'flotilla',
      });
      expect(clusters.match(/False/g)).toHaveLength(3);

      await Promise.all(fleet.members.map(async (member) => member.restart()));

      await eventually(
        'it recovers',
        async () => {
          const { stdout } = await second.kubectl(['-n', 'shop', 'get', 'configmaps']);
          return ['amsterdam', 'berlin', 'chicago'].every((name) => stdout.includes(`web@${name}`));
        },
        { timeoutMs: 20_000 },
      );
    } finally {
      secondClient.close();
      await second.stop();
    }
  });
});

interface ConfigMapSeen {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
}

function namesIn(body: string): string[] {
  const { items } = JSON.parse(body) as { items: ConfigMapSeen[] };
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('web@'));
}

function configMap(cluster: string, step: string, name = 'web'): object {
  const data = { cluster, step };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

function isUp({ apiServerPid }: Member): boolean {
  try {
    return process.kill(apiServerPid(), 0);
  } catch {
    return false;
  }
}

/** Changes one object again and again; resolves to how often. */
async function keepWriting({ name, apply }: Member, signal: AbortSignal): Promise<number> {
  for (let count = 1; ; count += 1) {
    await apply(configMap(name, String(count), 'load'));
    if (signal.aborted) return count;
  }
}

async function createCronTab(member: Member, name: string): Promise<void> {
  await eventually(`the kind is served by ${member.name}`, async () => {
    await member.apply({
      apiVersion: 'stable.example.com/v1',
      kind: 'CronTab',
      metadata: { name, namespace: 'shop' },
      spec: name === 'night' ? { cronSpec: '0 3 * * *' } : { colour: 'blue' },
    });
    return true;
  });
}

/** The same kind with another schema and other columns. */
function otherCrontabs(): object {
  const definition = structuredClone(crontabs()) as {
    spec: { versions: Record<string, unknown>[] };
  };
  const [version = {}] = definition.spec.versions;
  delete version['selectableFields'];
  version['additionalPrinterColumns'] = [
    { name: 'Colour', type: 'string', jsonPath: '.spec.colour' },
  ];
  version['schema'] = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties: { colour: { type: 'string' } } } },
    },
  };
  return definition;
}
