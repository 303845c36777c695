import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

import type { MemberClient } from './member-client.ts';
import { oddCore, oddLimits } from './odd-core.ts';
import { CUSTOM_COLUMNS, CUSTOM_SPECS } from './odd-custom.ts';
import { oddNetwork } from './odd-network.ts';
import { NAMESPACE, type OddObject } from './odd-object.ts';
import { oddPlatform } from './odd-platform.ts';
import { oddPods } from './odd-pods.ts';
import { oddPolicies } from './odd-policies.ts';
import { oddStorage } from './odd-storage.ts';
import { oddWorkloads } from './odd-workloads.ts';

interface StoredObject {
  metadata: { resourceVersion: string };
}

/**
 * Creates all odd objects that a member of this minor version takes; `authority` is any PEM
 * certificate of an authority.
 *
 * @returns what was refused, in the server's words; to be empty
 */
export async function putOddObjects(
  client: MemberClient,
  { minor, authority }: { readonly minor: number; readonly authority: string },
): Promise<string[]> {
  await client.send('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE },
  });
  const refusals: string[] = [];
  const all = [
    oddCore,
    oddPods,
    oddWorkloads,
    oddNetwork,
    oddStorage,
    oddPolicies,
    oddPlatform,
    oddLimits,
  ];
  for (const object of all.flat().filter((each) => isFor(each, minor))) {
    await putOne(client, object).catch((error: unknown) => refusals.push(String(error)));
  }
  await putSigningRequests(client);
  await putTrustBundles(client, authority);
  await putCustomObjects(client);
  return refusals;
}

function isFor({ minors: [from, to] = [0, Infinity] }: OddObject, minor: number): boolean {
  return from <= minor && minor <= to;
}

async function putOne(client: MemberClient, object: OddObject): Promise<void> {
  const { path, name, body, status, isDeleted } = object;
  const one = `${path}/${encodeURIComponent(name)}`;
  await client.send('POST', path, body);
  if (status) {
    const stored = (await client.get(one)) as StoredObject;
    await client.send('PUT', `${one}/status`, { ...stored, status });
  }
  if (isDeleted) await client.send('DELETE', one);
}

const SIGNING = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

const SIGNING_STATES: Readonly<Record<string, readonly string[]>> = {
  pending: [],
  approved: ['Approved'],
  denied: ['Denied'],
  'approved-failed': ['Approved', 'Failed'],
};

async function putSigningRequests(client: MemberClient): Promise<void> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=odd',
    keys,
    signingAlgorithm: algorithm,
  });
  for (const [name, types] of Object.entries(SIGNING_STATES)) {
    await client.send('POST', SIGNING, {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: {
        request: Buffer.from(request.toString('pem')).toString('base64'),
        signerName: 'example.com/odd',
        usages: ['client auth'],
        ...(name !== 'pending' && { expirationSeconds: 7200 + name.length * 1000 }),
      },
    });
    if (types.length === 0) continue;
    const stored = (await client.get(`${SIGNING}/${name}`)) as StoredObject;
    const conditions = types.map((type) => ({ type, status: 'True', reason: 'Odd' }));
    const judged = { ...stored, status: { conditions } };
    const verdict = (await client.send(
      'PUT',
      `${SIGNING}/${name}/approval`,
      judged,
    )) as StoredObject;
    if (types.includes('Failed')) {
      await client.send('PUT', `${SIGNING}/${name}/status`, { ...verdict, status: { conditions } });
    }
  }
}

const BUNDLES = '/apis/certificates.k8s.io/v1beta1/clustertrustbundles';

async function putTrustBundles(client: MemberClient, trustBundle: string): Promise<void> {
  for (const [name, spec] of [
    ['anonymous', { trustBundle }],
    ['example.com:odd:one', { trustBundle, signerName: 'example.com/odd' }],
  ] as const) {
    await client.send('POST', BUNDLES, {
      apiVersion: 'certificates.k8s.io/v1beta1',
      kind: 'ClusterTrustBundle',
      metadata: { name },
      spec,
    });
  }
}

/** The resource of the odd custom kind with columns, and of the one without. */
export const CUSTOM_RESOURCES = { columns: 'oddities', plain: 'plainoddities' } as const;

/** The group of the custom kinds. */
export const CUSTOM_GROUP = 'odd.example.com';

async function putCustomObjects(client: MemberClient): Promise<void> {
  await putDefinition(client, 'Oddity', CUSTOM_RESOURCES.columns);
  await putDefinition(client, 'PlainOddity', CUSTOM_RESOURCES.plain);
  for (const [name, spec] of Object.entries(CUSTOM_SPECS)) {
    for (const [kind, resource] of [
      ['Oddity', CUSTOM_RESOURCES.columns],
      ['PlainOddity', CUSTOM_RESOURCES.plain],
    ] as const) {
      await client.send('POST', `/apis/${CUSTOM_GROUP}/v1/namespaces/${NAMESPACE}/${resource}`, {
        apiVersion: `${CUSTOM_GROUP}/v1`,
        kind,
        metadata: { name, labels: { 'odd.io/kind': name } },
        spec,
      });
    }
  }
}

async function putDefinition(client: MemberClient, kind: string, plural: string): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const name = `${plural}.${CUSTOM_GROUP}`;
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const isPlain = plural === CUSTOM_RESOURCES.plain;
  await client.send('POST', path, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: CUSTOM_GROUP,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: schema },
            },
          },
          ...(!isPlain && { additionalPrinterColumns: CUSTOM_COLUMNS }),
        },
      ],
    },
  });
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const isServed = await client
      .get(`/apis/${CUSTOM_GROUP}/v1/${plural}`)
      .then(() => true)
      .catch(() => false);
    if (isServed) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} is not served`);
}
