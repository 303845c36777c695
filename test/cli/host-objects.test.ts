import { describe, expect, it } from 'vitest';
import { holds, nameOf, pathOf, resourceOf } from '../../src/cli/host-objects.ts';
import {
  NAMESPACE,
  SERVICE_NAMES,
  registrationObjects,
  type Manifest,
} from '../../src/cli/registration-objects.ts';

describe('whether an object says what a manifest says', () => {
  it.each([
    { object: { a: 1, b: 2 }, manifest: { a: 1 }, want: true },
    { object: { a: { b: 'x', c: 1 } }, manifest: { a: { b: 'x' } }, want: true },
    { object: { a: [{ b: 1, c: 2 }] }, manifest: { a: [{ b: 1 }] }, want: true },
    { object: { a: [1, 2] }, manifest: { a: [1] }, want: false },
    { object: { a: [2, 1] }, manifest: { a: [1, 2] }, want: false },
    { object: { a: 1 }, manifest: { a: 1, b: 2 }, want: false },
    { object: { a: 1 }, manifest: { a: { b: 1 } }, want: false },
    { object: { a: '1' }, manifest: { a: 1 }, want: false },
    { object: undefined, manifest: {}, want: false },
  ])('$object, $manifest: $want', ({ object, manifest, want }) => {
    expect(holds(object, manifest)).toBe(want);
  });
});

describe('what registers us', () => {
  const made = async (advertise?: { host: string; port: number }): Promise<Manifest[]> =>
    registrationObjects({ caBundle: 'PEM', advertise });
  const find = (objects: Manifest[], kind: string): Manifest | undefined =>
    objects.find((object) => object.kind === kind);

  it('is ours by label, has an address, and leads to the names that we have a certificate for', async () => {
    const objects = await made();
    const services = objects.filter(({ kind }) => kind === 'APIService');

    for (const object of objects) {
      expect(object.metadata.labels, nameOf(object)).toMatchObject({
        'app.kubernetes.io/part-of': 'flotilla',
      });
      expect(resourceOf(object).resource, nameOf(object)).not.toBe('');
    }
    expect(services.map(({ spec }) => spec)).toMatchObject(
      services.map(() => ({
        caBundle: 'UEVN',
        service: { name: 'flotilla', namespace: NAMESPACE, port: 443 },
      })),
    );
    expect(SERVICE_NAMES[0]).toBe(`flotilla.${NAMESPACE}.svc`);
  });

  it.each([
    {
      address: { host: 'fleet.example', port: 7443 },
      service: {
        type: 'ExternalName',
        externalName: 'fleet.example',
        ports: [{ name: 'https', port: 7443 }],
      },
      slice: undefined,
      port: 7443,
    },
    {
      address: { host: '192.0.2.7', port: 7443 },
      service: { type: 'ClusterIP', ports: [{ name: 'https', port: 443, targetPort: 7443 }] },
      slice: { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.7'] }] },
      port: 443,
    },
    {
      address: { host: '2001:db8::7', port: 1 },
      service: { type: 'ClusterIP', ports: [{ name: 'https', port: 443, targetPort: 1 }] },
      slice: { addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::7'] }] },
      port: 443,
    },
  ])('leads to $address', async ({ address, service, slice, port }) => {
    const objects = await made(address);

    expect(find(objects, 'Service')?.spec).toEqual(service);
    expect(find(objects, 'APIService')?.spec).toMatchObject({ service: { port } });
    if (slice) expect(find(objects, 'EndpointSlice')).toMatchObject(slice);
    else expect(find(objects, 'EndpointSlice')).toBeUndefined();
  });

  it('stands where the host has it', async () => {
    const paths = (await made()).map(pathOf);

    expect(paths).toContain('/api/v1/namespaces/flotilla-system/services/flotilla');
    expect(paths).toContain('/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.flotilla.io');
    expect(paths).toContain(
      '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/rolebindings/flotilla%3Aauthentication-reader',
    );
  });
});
