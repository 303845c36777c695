import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../rig/pki.ts';
import { openServer, type OpenServer } from './open-server.ts';

describe('who may ask', () => {
  let open: OpenServer;
  beforeAll(async () => {
    open = await openServer();
  });
  afterAll(async () => open.close());

  it.each(['/livez', '/readyz', '/healthz', '/version', '/livez/ping', '/readyz/shutdown'])(
    '%s needs no identity',
    async (path) => {
      const { code } = await open.ask(path, { as: undefined });

      expect(code).toBe(200);
    },
  );

  it.each([
    '/',
    '/api',
    '/apis',
    '/metrics',
    '/openapi/v2',
    '/livez/ping/more',
    '/livezz',
    '/nothing',
    '/apis/cluster.karmada.io/v1alpha1/clusters',
    '/apis/cluster.karmada.io/v1alpha1/clusters/m1/proxy/livez',
    '/apis/flotilla.io/v1alpha1/views/all/proxy/version',
  ])('%s without identity is 401', async (path) => {
    const status = await open.status(path, { as: undefined });

    expect(status).toMatchObject({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
  });

  it.each(['/livez', '/version'])('%s of a member or view needs identity', async (path) => {
    const member = await open.ask(path, { as: undefined, serverName: 'm1.member.flotilla' });
    const view = await open.ask(path, { as: undefined, serverName: 'all.view.flotilla' });

    expect([member.code, view.code]).toEqual([401, 401]);
  });

  it('a certificate of another authority is 401, whatever it says', async () => {
    const stranger = await createAuthority('stranger');
    const { certificate, key } = await stranger.issue({
      commonName: 'flotilla-admin',
      organizations: ['system:masters'],
    });

    const { code } = await open.ask('/apis', { as: { cert: certificate, key } });

    expect(code).toBe(401);
  });

  it('a bearer token is no identity here', async () => {
    const headers = { authorization: 'Bearer abc' };

    expect((await open.ask('/apis', { as: undefined, headers })).code).toBe(401);
  });

  it('X-Remote-* headers from outside are not believed', async () => {
    const headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' };
    const jane = await open.issue('jane');

    expect((await open.ask('/apis', { as: undefined, headers })).code).toBe(401);
    expect((await open.ask('/apis', { as: jane, headers })).code).toBe(403);
  });

  it.each([
    {
      path: '/apis',
      message: 'forbidden: User "jane" cannot get path "/apis"',
    },
    {
      path: '/apis/cluster.karmada.io/v1alpha1/clusters',
      message:
        'clusters.cluster.karmada.io is forbidden: User "jane" cannot list resource "clusters" in API group "cluster.karmada.io" at the cluster scope',
    },
    {
      path: '/apis/cluster.karmada.io/v1alpha1/clusters/m1/proxy/api/v1/pods',
      message:
        'clusters.cluster.karmada.io "m1" is forbidden: User "jane" cannot get resource "clusters/proxy" in API group "cluster.karmada.io" at the cluster scope',
    },
    {
      path: '/apis/search.karmada.io/v1alpha1/proxying/karmada/proxy/api/v1/nodes/n',
      message:
        'proxying.search.karmada.io "karmada" is forbidden: User "jane" cannot get resource "proxying/proxy" in API group "search.karmada.io" at the cluster scope',
    },
    {
      path: '/api/v1/namespaces/shop/pods/web',
      message:
        'pods "web" is forbidden: User "jane" cannot get resource "pods" in API group "" in the namespace "shop"',
    },
  ])('who is no administrator is told what is forbidden at $path', async ({ path, message }) => {
    const jane = await open.issue('jane', ['developers']);

    const status = await open.status(path, { as: jane });

    expect(status).toMatchObject({ code: 403, reason: 'Forbidden', message });
  });

  it.each(['/apis', '/apis/cluster.karmada.io/v1alpha1/clusters/m1/proxy/api'])(
    'impersonation is refused at %s rather than ignored',
    async (path) => {
      const status = await open.status(path, { headers: { 'impersonate-user': 'jane' } });

      expect(status).toMatchObject({ code: 403, reason: 'Forbidden' });
      expect(status.message).toContain('impersonate-user');
    },
  );
});
