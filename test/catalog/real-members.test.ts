import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createCatalog, type Catalog, type DocumentResponse } from '../../src/catalog/index.ts';
import { fleetFromKubeconfig } from '../../src/kubeconfig/index.ts';
import { type Fleet, type Member } from '../../src/members/index.ts';
import { readFields } from '../../src/catalog/merge-protobuf.ts';
import * as rig from '../rig/index.ts';
import { silentLog } from './fake-fleet.ts';
import { widgetCrd } from './widget-crd.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const V3_PROTOBUF = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';

interface Opened {
  readonly fleet: Fleet;
  readonly catalog: Catalog;
  readonly close: () => Promise<void>;
}

const skip = rig.rigSkipReason() !== undefined;
let real: rig.Fleet;
const opened: Opened[] = [];

async function open(...contexts: string[]): Promise<Opened> {
  const fleet = await fleetFromKubeconfig({
    files: [real.kubeconfig],
    contexts,
    env: process.env,
    log: silentLog,
    now: Date.now,
  });
  const catalog = createCatalog({ fleet, log: silentLog, now: Date.now });
  fleet.start();
  catalog.start();
  await catalog.ready(10_000);
  const close = async () => {
    await catalog.close();
    await fleet.close();
  };
  const made = { fleet, catalog, close };
  opened.push(made);
  return made;
}

async function ask(catalog: Catalog, target: string, accept?: string): Promise<DocumentResponse> {
  const { pathname, searchParams } = new URL(target, 'https://view');
  const request = { path: pathname, query: searchParams, accept, ifNoneMatch: undefined };
  const response = await catalog.document(request);
  if (!response) throw new Error(`${target} is no document`);
  return response;
}

async function askMember(member: Member | undefined, path: string, accept = 'application/json') {
  return member!.fetch({ method: 'GET', path, headers: { accept }, timeoutMs: 15_000 });
}

/** What the catalog leaves out of legacy discovery, or a member may add without meaning. */
function plain(body: Buffer): unknown {
  return JSON.parse(body.toString(), (key, value: unknown) =>
    ['storageVersionHash', 'creationTimestamp', 'serverAddressByClientCIDRs'].includes(key)
      ? undefined
      : value,
  );
}

interface Index {
  readonly paths: Record<string, { serverRelativeURL: string }>;
}

const indexOf = ({ body }: { body: Buffer }): Index => JSON.parse(body.toString()) as Index;

async function whenFilled({ catalog, fleet }: Opened): Promise<void> {
  await rig.eventually('all documents are held', async () => {
    for (const member of fleet.members) {
      const listed = indexOf(await askMember(member, '/openapi/v3'));
      const served = indexOf(await ask(catalog, '/openapi/v3'));
      if (!Object.keys(listed.paths).every((place) => place in served.paths)) return false;
      const v2 = await askMember(member, '/openapi/v2');
      const ours = await ask(catalog, '/openapi/v2');
      if (fleet.members.length === 1 && ours.headers['etag'] !== v2.headers['etag']) return false;
    }
    return true;
  });
}

beforeAll(async () => {
  if (skip) return;
  real = await rig.startFleet({
    members: [
      { name: 'alpha', version: '1.36', controllers: false },
      { name: 'beta', version: '1.34', controllers: false },
    ],
  });
});

afterAll(async () => {
  if (skip) return;
  for (const { close } of opened) await close();
  await real.stop();
});

describe.skipIf(skip)('the catalog of one real member', () => {
  describe.each(['alpha', 'beta'])('%s', (name) => {
    let one: Opened;
    let member: Member | undefined;

    beforeAll(async () => {
      await real.member(name).apply(widgetCrd());
      one = await open(name);
      member = one.fleet.get(name);
      await rig.eventually('the CRD is served', async () => {
        const { body } = await askMember(member, '/apis/example.com/v1');
        await one.catalog.refresh();
        return body.includes('widgets') && one.catalog.find(widgets) !== undefined;
      });
    });

    it.each(['/api', '/apis'])('says of aggregated %s what the member says', async (path) => {
      const ours = await ask(one.catalog, path, AGGREGATED);
      const theirs = await askMember(member, path, AGGREGATED);

      expect(ours.headers['content-type']).toBe(theirs.headers['content-type']);
      expect(plain(ours.body)).toEqual(plain(theirs.body));
    });

    it('says of every older document what the member says', async () => {
      const { body } = await askMember(member, '/apis');
      const { groups } = plain(body) as { groups: { name: string; versions: Version[] }[] };
      const paths = ['/api', '/apis', '/api/v1'].concat(
        groups.flatMap(({ name: group, versions }) => [
          `/apis/${group}`,
          ...versions.map(({ groupVersion }) => `/apis/${groupVersion}`),
        ]),
      );
      for (const path of paths) {
        const ours = await ask(one.catalog, path);
        const theirs = await askMember(member, path);

        expect(plain(ours.body), path).toEqual(plain(theirs.body));
      }
      expect(paths.length).toBeGreaterThan(40);
    });

    it('serves each OpenAPI document byte for byte, by the same hash', async () => {
      await whenFilled(one);
      // A member that has just started, or just got a CRD, goes on completing its own.
      const theirs = await rig.eventually('both have the same documents', async () => {
        const original = indexOf(await askMember(member, '/openapi/v3'));
        const ours = indexOf(await ask(one.catalog, '/openapi/v3'));
        return isDeepStrictEqual(ours, original) && original;
      });

      for (const { serverRelativeURL: url } of Object.values(theirs.paths)) {
        const document = await ask(one.catalog, url);
        const original = await askMember(member, url);
        expect(document.headers['cache-control'], url).toBe('public, immutable');
        expect(document.headers['etag'], url).toBe(original.headers['etag']);
        expect(document.body.equals(original.body), url).toBe(true);
      }
    }, 60_000);

    it.each(['application/json', V2_PROTOBUF])('serves OpenAPI v2 as %s', async (accept) => {
      await whenFilled(one);

      const ours = await ask(one.catalog, '/openapi/v2', accept);
      const theirs = await askMember(member, '/openapi/v2', accept);
      expect(ours.headers['content-type']).toBe(theirs.headers['content-type']);
      expect(ours.headers['etag']).toBe(theirs.headers['etag']);
      expect(ours.body.equals(theirs.body)).toBe(true);
    });

    it('serves OpenAPI v3 in protobuf when asked for it', async () => {
      const ours = await ask(one.catalog, '/openapi/v3/apis/apps/v1', V3_PROTOBUF);

      const theirs = await askMember(member, '/openapi/v3/apis/apps/v1', V3_PROTOBUF);
      expect(ours.headers['content-type']).toBe(theirs.headers['content-type']);
      expect(ours.body.equals(theirs.body)).toBe(true);
    });

    it('knows the columns and selectable fields of a custom resource, and none of a built-in one', async () => {
      expect(await one.catalog.customColumns(widgets)).toEqual([
        { name: 'Size', type: 'string', jsonPath: '.spec.size', priority: 0 },
      ]);
      expect(await one.catalog.selectableFields(widgets)).toEqual(['spec.size']);
      expect(
        await one.catalog.customColumns({ group: 'apps', version: 'v1', resource: 'deployments' }),
      ).toBeUndefined();
    });
  });
});

interface Version {
  readonly groupVersion: string;
}

interface OpenApiV3 {
  readonly paths: Record<string, unknown>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

const widgets = { group: 'example.com', version: 'v1', resource: 'widgets' };
const gadgets = { group: 'only.example.com', version: 'v1', resource: 'gadgets' };

describe.skipIf(skip)('the catalog of two real members of different versions', () => {
  let two: Opened;

  beforeAll(async () => {
    // So that the older member has something to add: all that it serves by itself the newer one has.
    const sprockets = { group: 'beta.example.com', plural: 'sprockets', kind: 'Sprocket' };
    await real.member('beta').apply(widgetCrd(sprockets));
    two = await open('alpha', 'beta');
    await rig.eventually('it is in the OpenAPI of its member', async () => {
      const { body } = await askMember(two.fleet.get('beta'), '/openapi/v2');
      return body.includes('Sprocket');
    });
    await whenFilled(two);
    await rig.eventually('it is in ours', async () => {
      const { body } = await ask(two.catalog, '/openapi/v2');
      return body.includes('Sprocket');
    });
  });

  it('lists what either serves, by the newer one where both do', () => {
    const enabled = (cluster: string) =>
      (two.catalog.apiEnablements(cluster) ?? []).flatMap(({ groupVersion, resources }) =>
        resources.map(({ name }) => `${groupVersion}/${name}`),
      );
    const union = [...new Set([...enabled('alpha'), ...enabled('beta')])].sort();

    const served = two.catalog
      .list()
      .map(({ group, version, resource }) => `${group}/${version}/${resource}`.replace(/^\//, ''))
      .sort();
    expect(served).toEqual(union);
    expect(union.length).toBeGreaterThan(enabled('beta').length);
    expect(two.catalog.find({ group: '', version: 'v1', resource: 'pods' })).toMatchObject({
      members: ['alpha', 'beta'],
      newest: 'alpha',
      minor: 36,
      otherVersionsOnly: [],
      scopeMismatch: [],
    });
  });

  it('merges an OpenAPI v3 document: all paths and schemas, the newer ones where both have them', async () => {
    const place = '/openapi/v3/api/v1';
    const [ours, alpha, beta] = [
      await ask(two.catalog, place),
      await askMember(two.fleet.get('alpha'), place),
      await askMember(two.fleet.get('beta'), place),
    ].map(({ body }) => JSON.parse(body.toString()) as OpenApiV3);

    expect(ours!.paths).toEqual({ ...beta!.paths, ...alpha!.paths });
    expect(ours!.components.schemas).toEqual({
      ...beta!.components.schemas,
      ...alpha!.components.schemas,
    });
  });

  it('merges OpenAPI v2 in both encodings alike', async () => {
    const { body } = await ask(two.catalog, '/openapi/v2');
    const { body: protobuf } = await ask(two.catalog, '/openapi/v2', V2_PROTOBUF);

    const json = JSON.parse(body.toString()) as Record<'paths' | 'definitions', object>;
    const theirs = await Promise.all(
      two.fleet.members.map(async (member) =>
        askMember(member, '/openapi/v2').then(
          (reply) => JSON.parse(reply.body.toString()) as typeof json,
        ),
      ),
    );
    expect(Object.keys(json.definitions)).toContain('com.example.beta.v1.Sprocket');
    expect(json.definitions).toEqual({ ...theirs[1]!.definitions, ...theirs[0]!.definitions });
    expect(json.paths).toEqual({ ...theirs[1]!.paths, ...theirs[0]!.paths });
    expect(namesIn(protobuf, 8, 2).sort()).toEqual(Object.keys(json.paths).sort());
    expect(namesIn(protobuf, 9, 1).sort()).toEqual(Object.keys(json.definitions).sort());
  });

  it('follows a CRD that only one member has, from its birth to its end', async () => {
    const beta = real.member('beta');
    await beta.apply(widgetCrd({ group: gadgets.group, plural: gadgets.resource, kind: 'Gadget' }));

    const found = await rig.eventually('the new kind is found', async () => {
      await two.catalog.refresh();
      return two.catalog.find(gadgets);
    });
    expect(found).toMatchObject({ members: ['beta'], newest: 'beta', minor: 34 });
    await rig.eventually('it can be explained', async () => {
      const { paths } = indexOf(await ask(two.catalog, '/openapi/v3'));
      const entry = paths['apis/only.example.com/v1'];
      if (!entry) return false;
      const { statusCode, body } = await ask(two.catalog, entry.serverRelativeURL);
      return statusCode === 200 && body.includes('Gadget');
    });

    await beta.kubectl(['delete', 'crd', 'gadgets.only.example.com']);
    await rig.eventually('it is gone', async () => {
      await two.catalog.refresh();
      return two.catalog.find(gadgets) === undefined;
    });
    await expect(ask(two.catalog, '/apis/only.example.com/v1')).rejects.toMatchObject({
      reason: 'NotFound',
    });
  }, 120_000);

  it('never loses a kind while a member restarts', async () => {
    const seen = new Set<string>();
    const look = setInterval(() => {
      void two.catalog.refresh();
      seen.add(two.catalog.find(widgets)?.members.join(' ') ?? 'none');
    }, 20);

    await real.member('beta').restart();
    await rig.eventually('it is read again', () => two.fleet.get('beta')?.health.isAlive === true);
    await two.catalog.refresh();
    clearInterval(look);

    expect([...seen]).toEqual(['alpha beta']);
  }, 120_000);

  it('still answers everything when all members are gone', async () => {
    const { paths } = indexOf(await ask(two.catalog, '/openapi/v3'));
    const targets = {
      '/api': '"v1"',
      '/apis': '"beta.example.com"',
      '/apis/example.com/v1': '"widgets"',
      '/openapi/v2': '"com.example.beta.v1.Sprocket"',
      '/openapi/v3': '"apis/beta.example.com/v1"',
      [paths['apis/apps/v1']!.serverRelativeURL]: '"io.k8s.api.apps.v1.Deployment"',
    };

    await real.member('alpha').kill();
    await real.member('beta').kill();
    await rig.eventually('both are seen to be dead', () =>
      two.fleet.members.every(({ health }) => !health.isAlive),
    );

    for (const [target, text] of Object.entries(targets)) {
      const startedMs = performance.now();
      const { statusCode, body } = await ask(two.catalog, target);
      expect(statusCode, target).toBe(200);
      expect(body.toString(), target).toContain(text);
      // Less than any deadline of a request to a member.
      expect(performance.now() - startedMs, target).toBeLessThan(2_000);
    }
    expect(await two.catalog.customColumns(widgets)).toBeDefined();
  }, 120_000);
});

function namesIn(message: Buffer, field: number, entry: number): string[] {
  return readFields(message)
    .filter(({ number }) => number === field)
    .flatMap(({ content }) => readFields(content!))
    .filter(({ number }) => number === entry)
    .map(({ content }) =>
      readFields(content!)
        .find(({ number }) => number === 1)!
        .content!.toString(),
    );
}
