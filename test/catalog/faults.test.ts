import { afterEach, describe, expect, it } from 'vitest';

import { createCatalog, type Catalog } from '../../src/catalog/index.ts';
import { eventually } from '../rig/index.ts';
import { aggregated, group, resource, version } from './discovery-builders.ts';
import { fleetOf, silentLog, startFakeMember, type Answer, type FakeMember } from './fake-fleet.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const HEADERS = { 'content-type': AGGREGATED };
const PODS = { group: '', version: 'v1', resource: 'pods' };
const WIDGETS = { group: 'g', version: 'v1', resource: 'widgets' };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function member(name: string, gitVersion?: string): Promise<FakeMember> {
  const fake = await startFakeMember(name, gitVersion);
  closing.push(fake.close);
  serve(fake, ['pods'], ['widgets']);
  return fake;
}

/** Makes it serve these kinds of the core group and of group g. */
function serve(fake: FakeMember, core: string[], named: string[]): void {
  const document = (of: object) => (): Answer => ({ json: of, headers: HEADERS });
  fake.answers.set('/api', document(aggregated(group('', version('v1', core)))));
  fake.answers.set('/apis', document(aggregated(group('g', version('v1', named)))));
}

function catalogOf(...fakes: FakeMember[]): {
  catalog: Catalog;
  warned: object[];
  drop: (name: string) => void;
} {
  const warned: object[] = [];
  const log = { ...silentLog, warn: (fields: object) => void warned.push(fields) };
  const fleet = fleetOf(...fakes.map((fake) => fake.member));
  const catalog = createCatalog({ fleet, log, now: Date.now });
  closing.push(async () => catalog.close());
  catalog.start();
  return { catalog, warned, drop: fleet.drop };
}

async function get(catalog: Catalog, path: string, accept?: string) {
  const query = new URLSearchParams();
  const response = await catalog.document({ path, query, accept, ifNoneMatch: undefined });
  return response!;
}

const everything = (fake: FakeMember, answer: Answer): void => {
  for (const path of ['/api', '/apis', '/readyz', '/openapi/v2', '/openapi/v3']) {
    fake.answers.set(path, () => answer);
  }
};

describe('a member whose discovery is of no use', () => {
  it.each<{ title: string; answer: Answer }>([
    { title: 'no JSON', answer: { status: 200, body: '<html>' } },
    { title: 'another document', answer: { json: { kind: 'Status' } } },
    {
      title: 'a list of nonsense',
      answer: { json: { kind: 'APIGroupDiscoveryList', items: [7] }, headers: HEADERS },
    },
    { title: 'a refusal', answer: { status: 403 } },
    { title: 'an unknown path', answer: { status: 404 } },
    { title: 'a failure', answer: { status: 500 } },
  ])('($title) keeps what was known, is logged once and named', async ({ answer }) => {
    const a = await member('a');
    const { catalog, warned } = catalogOf(a, await member('b'));
    await catalog.ready(3_000);

    everything(a, answer);
    await catalog.refresh();
    await catalog.refresh();

    expect(catalog.find(WIDGETS)?.members).toEqual(['a', 'b']);
    expect(catalog.faults().map(({ cluster }) => cluster)).toEqual(['a']);
    const discovery = warned.filter((fields) => !('step' in fields));
    expect(discovery).toEqual([expect.objectContaining({ cluster: 'a' })]);
    expect((await get(catalog, '/apis')).headers['warning']).toMatch(/^299 - ".*\ba\b.*"$/);
  });

  it('is no fault any more when it answers again', async () => {
    const a = await member('a');
    const { catalog } = catalogOf(a);
    await catalog.ready(3_000);
    everything(a, { status: 500 });
    await catalog.refresh();

    serve(a, ['pods'], ['widgets', 'gadgets']);
    await catalog.refresh();

    expect(catalog.faults()).toEqual([]);
    expect(catalog.find({ ...WIDGETS, resource: 'gadgets' })).toBeDefined();
  });
});

describe('a member that does not answer', () => {
  it('delays each kind of document once, by half a second at most, then nobody', async () => {
    const a = await member('a');
    const { catalog } = catalogOf(a, await member('b'));
    await catalog.ready(3_000);
    everything(a, 'never');

    const delays: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      const startedMs = performance.now();
      await get(catalog, '/apis', AGGREGATED);
      await get(catalog, '/apis/g/v1');
      await get(catalog, '/openapi/v3');
      delays.push(performance.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }

    expect(Math.max(...delays)).toBeLessThan(1_200);
    expect(delays.filter((ms) => ms > 450).length).toBeLessThanOrEqual(1);
    expect(catalog.find(PODS)?.members).toEqual(['a', 'b']);
  });

  it('does not hold up the first answer when another has answered', async () => {
    const a = await member('a');
    everything(a, 'never');
    const { catalog } = catalogOf(a, await member('b'));

    await catalog.ready(300);

    expect(catalog.unknownMembers()).toEqual(['a']);
    expect(catalog.find(PODS)?.members).toEqual(['b']);
  });

  it('and never did leaves nothing to tell: 503', async () => {
    const a = await member('a');
    a.setAlive(false);
    const { catalog } = catalogOf(a);

    await expect(get(catalog, '/apis')).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    await expect(get(catalog, '/openapi/v2')).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
  });

  it('is read at once when it comes alive', async () => {
    const a = await member('a');
    a.setAlive(false);
    const { catalog } = catalogOf(a);
    let changes = 0;
    catalog.onChange(() => (changes += 1));
    expect(catalog.find(PODS)).toBeUndefined();

    a.setAlive(true);

    await eventually('it is read', () => catalog.find(PODS)?.members.includes('a'));
    await eventually('it is told', () => changes === 1);
  });
});

describe('a kind that is gone', () => {
  it('stays while its member says that it is not ready yet', async () => {
    const a = await member('a');
    const { catalog } = catalogOf(a);
    await catalog.ready(3_000);

    serve(a, ['pods'], []);
    a.answers.set('/readyz', () => ({ status: 500, body: 'informers not synced' }));
    await catalog.refresh();
    expect(catalog.find(WIDGETS)).toBeDefined();

    a.answers.set('/readyz', () => ({ status: 200, body: 'ok' }));
    await catalog.refresh();
    expect(catalog.find(WIDGETS)).toBeUndefined();
  });

  it('stays while the server behind it does not answer', async () => {
    const a = await member('a');
    const { catalog } = catalogOf(a);
    await catalog.ready(3_000);

    const stale = aggregated(group('g', version('v1', [], 'Stale')));
    a.answers.set('/apis', () => ({ json: stale, headers: HEADERS }));
    await catalog.refresh();

    expect(catalog.find(WIDGETS)).toBeDefined();
    const { body } = await get(catalog, '/apis', AGGREGATED);
    expect(body.toString()).toContain('"freshness":"Stale"');
  });

  it('goes with its member when that leaves the fleet', async () => {
    const a = await member('a');
    serve(a, ['pods'], ['gadgets']);
    const { catalog, drop } = catalogOf(a, await member('b'));
    await catalog.ready(3_000);
    expect(catalog.find({ ...WIDGETS, resource: 'gadgets' })).toBeDefined();

    drop('a');

    expect(catalog.find({ ...WIDGETS, resource: 'gadgets' })).toBeUndefined();
    expect(catalog.find(PODS)?.members).toEqual(['b']);
  });
});

describe('asking members', () => {
  it('shares one round among many callers, and begins none within a second of the last', async () => {
    const a = await member('a');
    const { catalog } = catalogOf(a);
    await catalog.ready(3_000);
    const before = a.asked.filter((path) => path === '/apis').length;

    const startedMs = performance.now();
    await Promise.all(Array.from({ length: 50 }, async () => catalog.refresh()));
    await catalog.refresh();

    expect(a.asked.filter((path) => path === '/apis').length - before).toBe(2);
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });

  it('costs an unchanged member nothing', async () => {
    const a = await member('a');
    let notModified = 0;
    for (const path of ['/api', '/apis']) {
      const answer = a.answers.get(path)!;
      a.answers.set(path, (req) => {
        if (req.headers['if-none-match'] !== `"${path}"`) {
          return {
            ...(answer(req) as { json: unknown }),
            headers: { ...HEADERS, etag: `"${path}"` },
          };
        }
        notModified += 1;
        return { status: 304 };
      });
    }
    const { catalog } = catalogOf(a);
    await catalog.ready(3_000);

    await catalog.refresh();

    expect(notModified).toBe(2);
    expect(catalog.find(WIDGETS)).toBeDefined();
  });

  it('finds a new group for a client that asks for its document', async () => {
    const a = await member('a');
    const { catalog } = catalogOf(a);
    await catalog.ready(3_000);
    await get(catalog, '/apis');
    const added = aggregated(
      group('g', version('v1', ['widgets'])),
      group('new', version('v1', ['things'])),
    );
    a.answers.set('/apis', () => ({ json: added, headers: HEADERS }));

    const { body } = await get(catalog, '/apis/new/v1');

    expect(body.toString()).toContain('"name":"things"');
  });
});

describe('a member that has only the older discovery', () => {
  const list = (groupVersion: string, name: string) => ({
    kind: 'APIResourceList',
    groupVersion,
    resources: [{ name, singularName: '', namespaced: true, kind: 'Kind', verbs: ['list'] }],
  });

  async function legacyMember(): Promise<FakeMember> {
    const a = await member('a');
    const names = ['v1', 'v1beta1'].map((v) => ({ groupVersion: `g/${v}`, version: v }));
    const groups = [{ name: 'g', versions: names, preferredVersion: names[1] }];
    a.answers.set('/api', () => ({ json: { kind: 'APIVersions', versions: ['v1'] } }));
    a.answers.set('/apis', () => ({ json: { kind: 'APIGroupList', groups } }));
    a.answers.set('/api/v1', () => ({ json: list('v1', 'pods') }));
    a.answers.set('/apis/g/v1', () => ({ json: list('g/v1', 'widgets') }));
    a.answers.set('/apis/g/v1beta1', () => ({ json: list('g/v1beta1', 'widgets') }));
    return a;
  }

  it('is read document by document', async () => {
    const { catalog } = catalogOf(await legacyMember());
    await catalog.ready(3_000);

    expect(catalog.find(PODS)).toMatchObject({ kind: 'Kind', namespaced: true, members: ['a'] });
    expect(JSON.parse((await get(catalog, '/apis/g')).body.toString())).toMatchObject({
      preferredVersion: { version: 'v1beta1' },
    });
  });

  it('keeps what is known of a version whose document fails', async () => {
    const a = await legacyMember();
    const { catalog } = catalogOf(a);
    await catalog.ready(3_000);

    a.answers.set('/apis/g/v1', () => ({ status: 503 }));
    await catalog.refresh();

    expect(catalog.find(WIDGETS)).toBeDefined();
    expect(catalog.faults()).toEqual([]);
  });
});

it('a scope that differs is seen through the whole catalog', async () => {
  const [a, b] = [await member('a', 'v1.34.0'), await member('b', 'v1.36.0')];
  const cluster = aggregated(
    group('g', version('v1', [resource('widgets', { scope: 'Cluster' })])),
  );
  a.answers.set('/apis', () => ({ json: cluster, headers: HEADERS }));
  const { catalog } = catalogOf(a, b);
  await catalog.ready(3_000);

  expect(catalog.find(WIDGETS)).toMatchObject({
    namespaced: true,
    members: ['b'],
    scopeMismatch: ['a'],
    newest: 'b',
    minor: 36,
  });
});
