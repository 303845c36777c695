import { afterEach, describe, expect, it } from 'vitest';

import { createCatalog, type Catalog } from '../../src/catalog/index.ts';
import { digestOf } from '../../src/catalog/openapi-contents.ts';
import { eventually } from '../rig/index.ts';
import { aggregated, group, version } from './discovery-builders.ts';
import { fleetOf, silentLog, startFakeMember, type FakeMember } from './fake-fleet.ts';

const form = (v: string) =>
  `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`;
const PLACE = 'apis/g/v1';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A member with one group, whose OpenAPI documents hold these schemas. */
async function member(name: string, schemas: object, hash?: string): Promise<FakeMember> {
  const fake = await startFakeMember(name);
  closing.push(fake.close);
  const headers = { 'content-type': form('v2') };
  fake.answers.set('/api', () => ({ json: aggregated(), headers }));
  fake.answers.set('/apis', () => ({
    json: aggregated(group('g', version('v2', ['widgets']), version('v1', ['widgets']))),
    headers,
  }));
  const document = { openapi: '3.0.0', paths: {}, components: { schemas } };
  const listed = hash ?? digestOf(JSON.stringify(document));
  const paths = { [PLACE]: { serverRelativeURL: `/openapi/v3/${PLACE}?hash=${listed}` } };
  fake.answers.set('/openapi/v3', () => ({ json: { paths } }));
  fake.answers.set(`/openapi/v3/${PLACE}`, () => ({ json: document }));
  return fake;
}

async function catalogOf(...fakes: FakeMember[]): Promise<Catalog> {
  const fleet = fleetOf(...fakes.map((fake) => fake.member));
  const catalog = createCatalog({ fleet, log: silentLog, now: Date.now });
  closing.push(async () => catalog.close());
  catalog.start();
  await catalog.ready(3_000);
  return catalog;
}

async function ask(
  catalog: Catalog,
  target: string,
  { accept, ifNoneMatch }: { accept?: string; ifNoneMatch?: string } = {},
) {
  const { pathname: path, searchParams: query } = new URL(target, 'https://view');
  return catalog.document({ path, query, accept, ifNoneMatch });
}

describe('a discovery document', () => {
  it.each([
    { path: '/apis', accept: undefined, type: 'application/json', has: '"kind":"APIGroupList"' },
    { path: '/apis', accept: '*/*', type: 'application/json', has: '"kind":"APIGroupList"' },
    { path: '/apis', accept: form('v2'), type: form('v2'), has: 'apidiscovery.k8s.io/v2"' },
    { path: '/apis', accept: form('v2beta1'), type: form('v2beta1'), has: '/v2beta1"' },
    { path: '/apis', accept: `${form('v3')},${form('v2')}`, type: form('v2'), has: '/v2"' },
    {
      path: '/apis',
      accept: 'application/yaml',
      type: 'application/yaml',
      has: 'kind: APIGroupList',
    },
    { path: '/api', accept: form('v2'), type: form('v2'), has: '"items":[]' },
    { path: '/api', accept: undefined, type: 'application/json', has: '"kind":"APIVersions"' },
    { path: '/apis/', accept: undefined, type: 'application/json', has: '"kind":"APIGroupList"' },
    { path: '/apis/g', accept: undefined, type: 'application/json', has: '"kind":"APIGroup"' },
    {
      path: '/apis/g/v1',
      accept: `${form('v2')},application/json`,
      type: 'application/json',
      has: '"groupVersion":"g/v1"',
    },
    {
      path: '/apis/g/v1/',
      accept: 'application/vnd.kubernetes.protobuf,application/json',
      type: 'application/json',
      has: '"APIResourceList"',
    },
  ])('$path is answered to $accept as $type', async ({ path, accept, type, has }) => {
    const catalog = await catalogOf(await member('a', {}));

    const response = await ask(catalog, path, accept === undefined ? {} : { accept });

    expect(response?.headers['content-type']).toBe(type);
    expect(response?.body.toString()).toContain(has);
  });

  it.each([
    { path: '/apis/none', reason: 'NotFound' },
    { path: '/apis/g/v9', reason: 'NotFound' },
    { path: '/api/v1', reason: 'NotFound' },
    { path: '/apis', accept: 'text/xml', reason: 'NotAcceptable' },
    { path: '/apis/g/v1', accept: form('v2'), reason: 'NotAcceptable' },
    { path: '/apis/%zz', reason: 'BadRequest' },
    { path: '/apis/g%2Fv1', reason: 'NotFound' },
    { path: '/openapi/v3/apis/none/v1', reason: 'NotFound' },
    { path: '/openapi/v3', accept: undefined, reason: undefined },
    { path: `/openapi/v3/${PLACE}`, accept: 'text/xml', reason: 'NotAcceptable' },
  ])('$path to $accept gives $reason', async ({ path, accept, reason }) => {
    const catalog = await catalogOf(await member('a', {}));

    const asked = ask(catalog, path, accept === undefined ? {} : { accept });

    if (reason === undefined) await expect(asked).resolves.toBeDefined();
    else await expect(asked).rejects.toMatchObject({ reason });
  });

  it.each([
    '/',
    '/version',
    '/api/v1/pods',
    '/apis/g/v1/widgets',
    '/apisx',
    '/openapi',
    '/openapi/v4',
  ])('%s is none', async (path) => {
    const catalog = await catalogOf(await member('a', {}));

    expect(await ask(catalog, path)).toBeUndefined();
  });

  it('is not sent again to who has it', async () => {
    const catalog = await catalogOf(await member('a', {}));
    const first = await ask(catalog, '/apis', { accept: form('v2') });

    const again = await ask(catalog, '/apis', {
      accept: form('v2'),
      ifNoneMatch: first!.headers['etag']!,
    });

    expect(again).toMatchObject({ statusCode: 304, body: Buffer.alloc(0) });
  });
});

describe('an OpenAPI v3 document', () => {
  const url = async (catalog: Catalog): Promise<string> => {
    const { body } = (await ask(catalog, '/openapi/v3'))!;
    const { paths } = JSON.parse(body.toString()) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    return paths[PLACE]!.serverRelativeURL;
  };
  const schemasOf = async (catalog: Catalog): Promise<object> => {
    const { body } = (await ask(catalog, await url(catalog)))!;
    return (JSON.parse(body.toString()) as { components: { schemas: object } }).components.schemas;
  };

  it('is fetched once from members that have the same', async () => {
    const [a, b] = [await member('a', { X: 1 }), await member('b', { X: 1 })];
    const catalog = await catalogOf(a, b);

    expect(await schemasOf(catalog)).toEqual({ X: 1 });
    await catalog.refresh();
    const asked = [...a.asked, ...b.asked].filter((path) => path === `/openapi/v3/${PLACE}`);
    expect(asked).toHaveLength(1);
  });

  it('is the union where members differ, with a hash of its own', async () => {
    const catalog = await catalogOf(
      await member('a', { X: 1, Y: 1 }),
      await member('b', { Y: 2, Z: 2 }),
    );

    await eventually('both are in it', async () => 'Z' in (await schemasOf(catalog)));
    expect(await schemasOf(catalog)).toEqual({ X: 1, Y: 1, Z: 2 });
  });

  it('may be cached for ever by its hash; another hash leads there, below the same prefix', async () => {
    const catalog = await catalogOf(await member('a', { X: 1 }));
    const hash = (await url(catalog)).split('hash=')[1]!;

    const exact = await ask(catalog, `/openapi/v3/${PLACE}?hash=${hash}&timeout=32s`);
    const other = await ask(catalog, `/openapi/v3/${PLACE}?hash=00`);
    const without = await ask(catalog, `/openapi/v3/${PLACE}`);

    expect(exact?.headers).toMatchObject({
      'cache-control': 'public, immutable',
      etag: `"${hash}"`,
    });
    expect(other).toMatchObject({ statusCode: 301, headers: { location: `?hash=${hash}` } });
    expect(without).toMatchObject({ statusCode: 200, headers: { etag: `"${hash}"` } });
    expect(without?.headers['cache-control']).not.toContain('immutable');
  });

  it('is never taken from a member that calls its own content by another’s hash', async () => {
    const honest = await member('b', { X: 'true' });
    const { body } = (await ask(await catalogOf(honest), '/openapi/v3'))!;
    const hash = /hash=(\w+)/.exec(body.toString())![1]!;
    const liar = await member('a', { Evil: 'x' }, hash);

    const catalog = await catalogOf(liar, await member('b', { X: 'true' }));

    await eventually('the honest one is in it', async () => 'X' in (await schemasOf(catalog)));
    expect(await schemasOf(catalog)).toMatchObject({ X: 'true' });
  });

  it('is 406 in protobuf when no member has it, JSON when that is taken too', async () => {
    const catalog = await catalogOf(await member('a', {}));
    const protobuf = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf';

    await expect(ask(catalog, `/openapi/v3/${PLACE}`, { accept: protobuf })).rejects.toMatchObject({
      reason: 'NotAcceptable',
    });
    const both = await ask(catalog, `/openapi/v3/${PLACE}`, {
      accept: `${protobuf}, application/json`,
    });
    expect(both?.headers['content-type']).toBe('application/json');
  });
});
