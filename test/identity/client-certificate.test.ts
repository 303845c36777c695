import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateUser, verifyClientCertificate } from '../../src/identity/index.ts';
import {
  issueAuthority,
  issueLeaf,
  type KeyPair,
  type LeafPurpose,
} from '../../src/identity/issue-certificate.ts';

const NOW = Date.now();
const DAY = 86_400_000;

describe('client certificates', () => {
  let authority: KeyPair;
  let other: KeyPair;
  beforeAll(async () => {
    [authority, other] = await Promise.all([issueAuthority(NOW), issueAuthority(NOW)]);
  });
  const leaf = async (purpose: LeafPurpose): Promise<X509Certificate> =>
    new X509Certificate((await issueLeaf(authority, purpose, NOW)).cert);
  const client = async (): Promise<X509Certificate> =>
    leaf({ kind: 'client', user: 'jane', groups: [] });
  const root = (pair: KeyPair): X509Certificate => new X509Certificate(pair.cert);

  it('of a known authority is valid until it ends', async () => {
    const certificate = await client();

    expect(verifyClientCertificate(certificate, [root(other), root(authority)], NOW)).toBe(
      certificate.validToDate.getTime(),
    );
  });

  it.each([
    { title: 'no authority is known', roots: () => [], now: NOW },
    { title: 'only another authority is known', roots: () => [root(other)], now: NOW },
    { title: 'it has ended', roots: () => [root(authority)], now: NOW + 31 * DAY },
    { title: 'it has not begun', roots: () => [root(authority)], now: NOW - DAY },
  ])('is not valid when $title', async ({ roots, now }) => {
    expect(verifyClientCertificate(await client(), roots(), now)).toBeUndefined();
  });

  it('made for servers does not prove a client', async () => {
    const serving = await leaf({ kind: 'serving', names: ['localhost'] });

    expect(verifyClientCertificate(serving, [root(authority)], NOW)).toBeUndefined();
  });

  it.each([
    { user: 'jane', groups: [] },
    { user: 'jane', groups: ['a'] },
    { user: 'system:serviceaccount:x:y', groups: ['system:masters', 'a, b', 'c+d=e/f', 'g"i'] },
    { user: 'Zoë', groups: ['größe'] },
  ])('of $user in $groups names exactly them', async ({ user, groups }) => {
    const certificate = await leaf({ kind: 'client', user, groups });

    expect(certificateUser(certificate)).toEqual({ name: user, groups, uid: '', extra: {} });
  });
});
