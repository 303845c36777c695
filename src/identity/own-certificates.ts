import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  LEAF_DAYS,
  issueAuthority,
  issueLeaf,
  type KeyPair,
  type LeafPurpose,
} from './issue-certificate.ts';
import { ADMINISTRATORS_GROUP } from './authorization.ts';
import { readKeyPair, unusable, writeKeyPair } from './key-pair-file.ts';
import { makePrivateDirectory, writePrivateFile } from './private-file.ts';

export interface OwnCertificatesOptions {
  /** Where they are kept; made if needed. */
  readonly directory: string;
  /** DNS names and IP addresses that clients may reach this server by. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The certificates that this server makes for itself. */
export interface OwnCertificates {
  /** PEM; what clients trust, and what their certificates are signed by. */
  readonly authority: string;
  readonly serving: () => KeyPair;
  /** A client certificate of an administrator. */
  readonly admin: () => KeyPair;
  /** Certificate → when it expires, milliseconds since the epoch. */
  readonly expiries: () => Readonly<Record<'authority' | 'serving' | 'admin', number>>;
  /** Makes those leaves anew that come near their end; @returns whether there were any. */
  readonly renew: () => Promise<boolean>;
}

const LEAF_MS = LEAF_DAYS * 86_400_000;
/** A leaf with less than this left is renewed. */
const RENEW_BELOW_MS = LEAF_MS / 3;

export const ADMIN_USER = 'flotilla-admin';

/**
 * Reads the certificates of a data directory, making those that are missing or about to expire.
 * @throws Invalid when a file there is broken, foreign, or of an authority that has expired
 */
export async function openOwnCertificates({
  directory,
  names,
  now,
}: OwnCertificatesOptions): Promise<OwnCertificates> {
  await makePrivateDirectory(directory);
  const authority = await openAuthority(directory, now());
  const serving: LeafFile = {
    path: join(directory, 'serving.pem'),
    purpose: { kind: 'serving', names: [...names].sort() },
  };
  const admin: LeafFile = {
    path: join(directory, 'admin.pem'),
    purpose: { kind: 'client', user: ADMIN_USER, groups: [ADMINISTRATORS_GROUP] },
  };
  const pairs = {
    serving: await openLeaf(authority, serving, now()),
    admin: await openLeaf(authority, admin, now()),
  };
  const renew = async (): Promise<boolean> => {
    const before = { ...pairs };
    pairs.serving = await openLeaf(authority, serving, now());
    pairs.admin = await openLeaf(authority, admin, now());
    return before.serving.cert !== pairs.serving.cert || before.admin.cert !== pairs.admin.cert;
  };
  return {
    authority: authority.cert,
    serving: () => pairs.serving,
    admin: () => pairs.admin,
    expiries: () => ({
      authority: expiryOf(authority),
      serving: expiryOf(pairs.serving),
      admin: expiryOf(pairs.admin),
    }),
    renew,
  };
}

interface LeafFile {
  readonly path: string;
  readonly purpose: LeafPurpose;
}

async function openAuthority(directory: string, now: number): Promise<KeyPair> {
  const path = join(directory, 'ca.pem');
  const kept = await readKeyPair(path);
  const authority = kept ?? (await issueAuthority(now));
  if (!kept) await writeKeyPair(path, authority);
  else if (!new X509Certificate(kept.cert).ca)
    throw unusable(path, 'is not a certificate authority');
  else if (expiryOf(kept) < now) throw unusable(path, 'has expired');
  // For people and other programs, without the key.
  await writePrivateFile(join(directory, 'ca.crt'), authority.cert, 0o644);
  return authority;
}

/** Reads a leaf, or makes it when it is missing, near its end, or for other names. */
async function openLeaf(
  authority: KeyPair,
  { path, purpose }: LeafFile,
  now: number,
): Promise<KeyPair> {
  const kept = await readKeyPair(path);
  if (kept && !isIssuedBy(kept, authority))
    throw unusable(path, 'is not signed by our own authority');
  if (kept && expiryOf(kept) - now > RENEW_BELOW_MS && isFor(kept, purpose)) return kept;
  const made = await issueLeaf(authority, purpose, now);
  await writeKeyPair(path, made);
  return made;
}

function isIssuedBy(leaf: KeyPair, authority: KeyPair): boolean {
  const issuer = new X509Certificate(authority.cert);
  const certificate = new X509Certificate(leaf.cert);
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isFor(leaf: KeyPair, purpose: LeafPurpose): boolean {
  if (purpose.kind === 'client') return true;
  const certificate = new X509Certificate(leaf.cert);
  const count = certificate.subjectAltName?.split(', ').length ?? 0;
  return (
    count === purpose.names.length && purpose.names.every((name) => holdsName(certificate, name))
  );
}

function holdsName(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  // A wildcard covers any one label.
  return certificate.checkHost(name.replace(/^\*/, 'any')) !== undefined;
}

function expiryOf({ cert }: KeyPair): number {
  return new X509Certificate(cert).validToDate.getTime();
}
