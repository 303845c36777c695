import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type OpenServer, type Reply } from './open-server.ts';

const V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const V2BETA1 = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

describe('discovery and OpenAPI of our own kinds', () => {
  let open: OpenServer;
  beforeAll(async () => {
    open = await openServer();
  });
  afterAll(async () => open.close());
  const get = async (path: string, accept?: string): Promise<Reply> =>
    open.ask(path, accept === undefined ? {} : { headers: { accept } });

  it.each([
    { accept: undefined, type: 'application/json', kind: 'APIGroupList' },
    { accept: '*/*', type: 'application/json', kind: 'APIGroupList' },
    { accept: `${V2},${V2BETA1},application/json`, type: V2, kind: 'APIGroupDiscoveryList' },
    {
      accept: 'application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io',
      type: V2,
      kind: 'APIGroupDiscoveryList',
    },
    { accept: `${V2};profile=nopeer,application/json`, type: V2, kind: 'APIGroupDiscoveryList' },
    { accept: `${V2BETA1},application/json`, type: V2BETA1, kind: 'APIGroupDiscoveryList' },
  ])('/apis for $accept is $kind', async ({ accept, type, kind }) => {
    const { headers, json } = await get('/apis', accept);

    expect(headers['content-type']).toBe(type);
    expect(json()).toMatchObject({ kind });
  });

  it('both forms name the same groups, versions and resources', async () => {
    const list = (await get('/apis')).json() as {
      groups: { name: string; versions: { groupVersion: string }[] }[];
    };
    const whole = (await get('/apis', V2)).json() as {
      items: {
        metadata: { name: string };
        versions: {
          version: string;
          resources: { resource: string; subresources: { subresource: string }[] }[];
        }[];
      }[];
    };
    const legacy = await Promise.all(
      list.groups.flatMap(({ versions }) =>
        versions.map(async ({ groupVersion }) => {
          const { resources } = (await get(`/apis/${groupVersion}`)).json() as {
            resources: { name: string }[];
          };
          return [groupVersion, resources.map(({ name }) => name)];
        }),
      ),
    );
    const aggregated = whole.items.flatMap(({ metadata, versions }) =>
      versions.map(({ version, resources }) => [
        `${metadata.name}/${version}`,
        resources.flatMap(({ resource, subresources }) => [
          resource,
          ...subresources.map(({ subresource }) => `${resource}/${subresource}`),
        ]),
      ]),
    );

    expect(legacy).toEqual(aggregated);
    expect(legacy.map(([groupVersion]) => groupVersion)).toEqual([
      'cluster.karmada.io/v1alpha1',
      'flotilla.io/v1alpha1',
      'search.karmada.io/v1alpha1',
    ]);
  });

  it('nothing of the core group is claimed', async () => {
    expect((await get('/api')).json()).toMatchObject({ kind: 'APIVersions', versions: [] });
    expect((await get('/api', V2)).json()).toMatchObject({ items: [] });
  });

  it('one group is told by itself, with or without a slash at the end', async () => {
    const group = (await get('/apis/flotilla.io')).json();

    expect(group).toMatchObject({
      kind: 'APIGroup',
      name: 'flotilla.io',
      preferredVersion: { groupVersion: 'flotilla.io/v1alpha1' },
    });
    expect((await get('/apis/flotilla.io/')).json()).toEqual(group);
  });

  it.each(['/apis', '/apis/flotilla.io/v1alpha1', '/openapi/v2', '/openapi/v3'])(
    '%s is not sent again to who has it',
    async (path) => {
      const { headers } = await get(path);
      const again = await open.ask(path, { headers: { 'if-none-match': String(headers['etag']) } });

      expect(headers['etag']).toMatch(/^"[0-9A-F]{128}"$/);
      expect({ code: again.code, text: again.text }).toEqual({ code: 304, text: '' });
    },
  );

  it('the two forms of discovery have different tags', async () => {
    expect((await get('/apis', V2)).headers['etag']).not.toBe((await get('/apis')).headers['etag']);
  });

  it('OpenAPI v3 names our own group versions only, and each is there', async () => {
    const { paths } = (await get('/openapi/v3')).json() as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const documents = await Promise.all(
      Object.values(paths).map(async ({ serverRelativeURL }) => get(serverRelativeURL)),
    );

    expect(Object.keys(paths)).toEqual([
      'apis/cluster.karmada.io/v1alpha1',
      'apis/flotilla.io/v1alpha1',
      'apis/search.karmada.io/v1alpha1',
    ]);
    for (const { headers, json } of documents) {
      expect(headers['cache-control']).toBe('public, immutable');
      expect(json()).toMatchObject({ openapi: '3.0.0' });
    }
  });

  it('a document of another hash is redirected to the current one', async () => {
    const path = '/openapi/v3/apis/flotilla.io/v1alpha1';
    const stale = await get(`${path}?hash=ABC`);
    const current = await get(String(stale.headers['location']));

    expect(stale.code).toBe(301);
    expect(current.code).toBe(200);
    expect((await get(path)).headers['cache-control']).not.toContain('immutable');
    expect((await get('/openapi/v3/apis/apps/v1')).code).toBe(404);
  });

  it.each([
    { accept: undefined, type: 'application/json' },
    { accept: 'application/json', type: 'application/json' },
    { accept: PROTOBUF, type: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' },
  ])('OpenAPI v2 for $accept is $type', async ({ accept, type }) => {
    const { code, headers } = await get('/openapi/v2', accept);

    expect({ code, type: headers['content-type'] }).toEqual({ code: 200, type });
  });

  it('OpenAPI v2 in a form that nobody makes is 406', async () => {
    expect((await get('/openapi/v2', 'text/html')).code).toBe(406);
  });

  it('/ lists paths, /version is a Kubernetes version with ours behind it', async () => {
    const { paths } = (await get('/')).json() as { paths: string[] };

    expect(paths).toContain('/apis');
    expect((await get('/version')).json()).toMatchObject({
      major: '1',
      minor: '36',
      gitVersion: 'v1.36.0+flotilla-1.2.3',
    });
  });
});
