import { describe, expect, it } from 'vitest';
import { isTrue, parseResourceRequest, pathSegments } from '../../src/kube/index.ts';

const NOTHING = { group: '', version: 'v1', namespace: '', name: '', subresource: '', rest: '' };

function read(line: string) {
  const [method = '', target = ''] = line.split(' ');
  const { search } = new URL(target, 'http://server');
  return parseResourceRequest(method, target.split('?')[0] ?? '', new URLSearchParams(search));
}

describe('a request of a resource', () => {
  it.each([
    { line: 'GET /api/v1/pods', is: { verb: 'list', resource: 'pods' } },
    { line: 'HEAD /api/v1/pods', is: { verb: 'list', resource: 'pods' } },
    { line: 'GET /api/v1/pods/', is: { verb: 'list', resource: 'pods' } },
    { line: 'GET /api/v1/pods?watch=1', is: { verb: 'watch', resource: 'pods' } },
    { line: 'GET /api/v1/pods?watch', is: { verb: 'watch', resource: 'pods' } },
    { line: 'GET /api/v1/pods?watch=false', is: { verb: 'list', resource: 'pods' } },
    { line: 'GET /api/v1/watch/pods', is: { verb: 'watch', resource: 'pods' } },
    {
      line: 'GET /api/v1/watch/namespaces/shop/pods/web',
      is: { verb: 'watch', resource: 'pods', namespace: 'shop', name: 'web' },
    },
    { line: 'GET /api/v1/nodes/n1', is: { verb: 'get', resource: 'nodes', name: 'n1' } },
    {
      line: 'GET /api/v1/namespaces/shop/pods/web?watch=true',
      is: { verb: 'watch', resource: 'pods', namespace: 'shop', name: 'web' },
    },
    {
      line: 'GET /api/v1/namespaces/shop/pods/web/log?watch=true',
      is: { verb: 'get', resource: 'pods', namespace: 'shop', name: 'web', subresource: 'log' },
    },
    {
      line: 'POST /apis/apps/v1/namespaces/shop/deployments',
      is: { verb: 'create', group: 'apps', resource: 'deployments', namespace: 'shop' },
    },
    {
      line: 'POST /api/v1/namespaces/shop/pods/web/eviction',
      is: {
        verb: 'create',
        resource: 'pods',
        namespace: 'shop',
        name: 'web',
        subresource: 'eviction',
      },
    },
    {
      line: 'PUT /apis/apps/v1/namespaces/shop/deployments/web/scale',
      is: {
        verb: 'update',
        group: 'apps',
        resource: 'deployments',
        namespace: 'shop',
        name: 'web',
        subresource: 'scale',
      },
    },
    { line: 'PATCH /api/v1/nodes/n1', is: { verb: 'patch', resource: 'nodes', name: 'n1' } },
    { line: 'DELETE /api/v1/nodes/n1', is: { verb: 'delete', resource: 'nodes', name: 'n1' } },
    { line: 'DELETE /api/v1/nodes', is: { verb: 'deletecollection', resource: 'nodes' } },
    { line: 'GET /api/v1/namespaces', is: { verb: 'list', resource: 'namespaces' } },
    {
      line: 'GET /api/v1/namespaces/shop',
      is: { verb: 'get', resource: 'namespaces', namespace: 'shop', name: 'shop' },
    },
    {
      line: 'PUT /api/v1/namespaces/shop/finalize',
      is: {
        verb: 'update',
        resource: 'namespaces',
        namespace: 'shop',
        name: 'shop',
        subresource: 'finalize',
      },
    },
    {
      line: 'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Aadmin%40m1',
      is: {
        verb: 'get',
        group: 'rbac.authorization.k8s.io',
        resource: 'clusterroles',
        name: 'system:admin@m1',
      },
    },
    {
      line: 'POST /api/v1/namespaces/shop/services/https:web:443/proxy/a/..%2f/b',
      is: {
        verb: 'create',
        resource: 'services',
        namespace: 'shop',
        name: 'https:web:443',
        subresource: 'proxy',
        rest: '/a/..%2f/b',
      },
    },
    {
      line: 'GET /api/v1/nodes/n1/proxy/',
      is: { verb: 'get', resource: 'nodes', name: 'n1', subresource: 'proxy', rest: '/' },
    },
  ])('$line', ({ line, is }) => {
    expect(read(line)).toEqual({ ...NOTHING, ...is });
  });

  it.each([
    'GET /',
    'GET /version',
    'GET /api',
    'GET /api/v1',
    'GET /apis/apps',
    'GET /apis/apps/v1',
  ])('%s addresses no resource', (line) => {
    expect(read(line)).toBeUndefined();
  });

  it.each([
    { line: 'GET /api/v1/namespaces/shop/pods/web/log/more', reason: 'NotFound' },
    { line: 'GET /api/v1/nodes/n1/status/more', reason: 'NotFound' },
    { line: 'GET /api/v1//pods', reason: 'NotFound' },
    { line: 'BREW /api/v1/pods', reason: 'MethodNotAllowed' },
  ])('$line is refused: $reason', ({ line, reason }) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ reason }));
  });

  it.each([
    { path: '/api/v1/namespaces/../pods', reason: 'NotFound' },
    { path: '/api/v1/namespaces/%2e%2e/pods', reason: 'NotFound' },
    { path: '/api/./v1', reason: 'NotFound' },
    { path: '/api/a%2fb', reason: 'NotFound' },
    { path: '/api/a%00', reason: 'NotFound' },
    { path: '/api/%ff', reason: 'NotFound' },
    { path: '/api/%zz', reason: 'BadRequest' },
  ])('the path $path is refused: $reason', ({ path, reason }) => {
    expect(() => pathSegments(path)).toThrow(expect.objectContaining({ reason }));
  });

  it.each([
    { query: '', is: false },
    { query: 'x', is: true },
    { query: 'x=', is: true },
    { query: 'x=yes', is: true },
    { query: 'x=FALSE', is: false },
    { query: 'x=0', is: false },
  ])('a boolean parameter in "$query" is $is', ({ query, is }) => {
    expect(isTrue(new URLSearchParams(query), 'x')).toBe(is);
  });
});
