import { describe, expect, it } from 'vitest';
import { accessOf } from '../../src/server/access.ts';
import { findRoute } from '../../src/server/route.ts';

const ALL = '/apis/flotilla.io/v1alpha1/views/all/proxy';
const KARMADA = '/apis/search.karmada.io/v1alpha1/proxying/karmada/proxy';
const M1 = '/apis/cluster.karmada.io/v1alpha1/clusters/m1/proxy';
const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';

/** The right, in short: verb, resource, name. */
function right(line: string): string {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', query = ''] = url.split('?');
  const access = accessOf(findRoute('', path), method, new URLSearchParams(query));
  if (access.kind === 'path') return `${access.verb} ${access.path}`;
  const { verb, group, resource, subresource, name } = access;
  return `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}.${group} ${name}`.trim();
}

describe('the right that a request needs', () => {
  it.each([
    [`GET ${ALL}/api/v1/pods`, 'list'],
    [`HEAD ${ALL}/api/v1/pods`, 'list'],
    [`GET ${ALL}/api/v1/pods?watch=true`, 'watch'],
    [`GET ${ALL}/api/v1/watch/pods`, 'watch'],
    [`GET ${ALL}/api/v1/namespaces/a/pods/b`, 'get'],
    [`GET ${ALL}/api/v1/namespaces/a/pods/b/log?follow=true`, 'get'],
    [`POST ${ALL}/api/v1/namespaces/a/pods`, 'create'],
    [`POST ${ALL}/api/v1/namespaces/a/pods/b/eviction`, 'create'],
    [`PUT ${ALL}/api/v1/namespaces/a/pods/b`, 'update'],
    [`PATCH ${ALL}/apis/apps/v1/namespaces/a/deployments/b/scale`, 'patch'],
    [`DELETE ${ALL}/api/v1/namespaces/a/pods/b`, 'delete'],
    [`DELETE ${ALL}/api/v1/namespaces/a/pods`, 'deletecollection'],
    [`GET ${ALL}/apis`, 'get'],
    [`GET ${ALL}/openapi/v3`, 'get'],
    [`GET ${ALL}`, 'get'],
    [`POST ${ALL}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, 'get'],
    [`POST ${ALL}/apis/authorization.k8s.io/v1/subjectaccessreviews`, 'create'],
  ])('%s: %s on the view', (line, verb) => {
    expect(right(line)).toBe(`${verb} views/proxy.flotilla.io all`);
    expect(right(line.replace(ALL, KARMADA))).toBe(
      `${verb} proxying/proxy.search.karmada.io karmada`,
    );
  });

  it.each([
    [`GET ${M1}/api/v1/pods?watch=true`, 'get'],
    [`HEAD ${M1}/healthz`, 'get'],
    [`OPTIONS ${M1}/api`, 'get'],
    [`POST ${M1}/api/v1/namespaces`, 'create'],
    [`PUT ${M1}/api/v1/namespaces/a`, 'update'],
    [`PATCH ${M1}/api/v1/namespaces/a`, 'patch'],
    [`DELETE ${M1}/api/v1/namespaces/a/pods`, 'delete'],
    [`GET ${M1}/api/v1/namespaces/a/pods/proxy`, 'get'],
    [`GET ${M1}//`, 'get'],
  ])('%s: %s on the member', (line, verb) => {
    expect(right(line)).toBe(`${verb} clusters/proxy.cluster.karmada.io m1`);
  });

  it.each([
    'api/v1/namespaces/a/pods/b/exec?command=sh',
    'api/v1/namespaces/a/pods/b/attach',
    'api/v1/namespaces/a/pods/b/portforward',
    'api/v1/namespaces/a/pods/b/proxy/x',
    'api/v1/nodes/n/proxy/run',
    'api/v1/namespaces/a/pods/b/%65xec',
  ])('GET %s runs something: create, in a view and at a member', (path) => {
    expect(right(`GET ${ALL}/${path}`)).toMatch(/^create /);
    expect(right(`GET ${M1}/${path}`)).toMatch(/^create /);
  });

  it.each([
    'api/v1/namespaces/a/pods/b//exec',
    'api/v1/namespaces/a/pods/b%2Fexec',
    'api/v1/namespaces/./a/pods/b/exec',
    'api/v1/namespaces/a/pods/b/e%78ec/..',
  ])('GET %s might run something at a member: create', (path) => {
    expect(right(`GET ${M1}/${path}`)).toBe('create clusters/proxy.cluster.karmada.io m1');
  });

  it.each([
    [`GET ${CLUSTERS}`, 'list clusters.cluster.karmada.io'],
    [`GET ${CLUSTERS}?watch=1`, 'watch clusters.cluster.karmada.io'],
    [`GET ${CLUSTERS}/m1`, 'get clusters.cluster.karmada.io m1'],
    [`GET ${CLUSTERS}?fieldSelector=metadata.name%3Dm1`, 'list clusters.cluster.karmada.io m1'],
    [
      `GET ${CLUSTERS}?watch=1&fieldSelector=metadata.name%3D%3Dm1`,
      'watch clusters.cluster.karmada.io m1',
    ],
    [`GET ${CLUSTERS}?fieldSelector=metadata.name!%3Dm1`, 'list clusters.cluster.karmada.io'],
    ['GET /metrics', 'get /metrics'],
    ['POST /apis', 'post /apis'],
    ['GET /apis/flotilla.io/v1alpha1/views/control-plane/proxy/apis', 'get /apis'],
  ])('%s: %s', (line, want) => {
    expect(right(line)).toBe(want);
  });

  it.each([`TRACE ${ALL}/api`, `PURGE ${M1}/api`, 'OPTIONS /apis'])('%s is no method', (line) => {
    expect(() => right(line)).toThrow('does not allow this method');
  });
});
