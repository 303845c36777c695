// The certificate library resolves its parts by metadata, which must be there before it is loaded.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Clocks of clients may be a little behind ours. */
const BACKDATE_MS = 300_000;
const AUTHORITY_DAYS = 3650;
/** Short, since leaves are renewed while we run and at every start. */
export const LEAF_DAYS = 30;

/** What a leaf certificate is for. */
export type LeafPurpose =
  | {
      readonly kind: 'serving';
      /** DNS names (wildcards allowed) and IP addresses. */ readonly names: readonly string[];
    }
  | { readonly kind: 'client'; readonly user: string; readonly groups: readonly string[] };

/** Makes a certificate authority of our own. */
export async function issueAuthority(now: number): Promise<KeyPair> {
  const keys = await newKeys();
  // A name of its own keeps the authorities of several servers apart where they are trusted together.
  const name = `CN=flotilla-ca-${randomBytes(4).toString('hex')}`;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name,
    ...validity(now, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign |
          x509.KeyUsageFlags.cRLSign |
          x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pemPair(cert, keys.privateKey);
}

/** Makes a leaf certificate, signed by the authority. */
export async function issueLeaf(
  authority: KeyPair,
  purpose: LeafPurpose,
  now: number,
): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await newKeys();
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subjectOf(purpose),
    issuer: issuer.subject,
    ...validity(now, LEAF_DAYS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
      ...purposeExtensions(purpose),
    ],
  });
  return pemPair(cert, keys.privateKey);
}

function subjectOf(purpose: LeafPurpose): x509.JsonName {
  if (purpose.kind === 'serving') return [{ CN: ['flotilla'] }];
  return [{ CN: [purpose.user] }, ...purpose.groups.map((group) => ({ O: [group] }))];
}

function purposeExtensions(purpose: LeafPurpose): x509.Extension[] {
  if (purpose.kind === 'client') {
    return [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])];
  }
  const names = purpose.names.map(
    (value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const,
  );
  return [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
  ];
}

function validity(now: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + days * DAY_MS) };
}

/** Positive, as RFC 5280 wants it. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString('hex');
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const bytes = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']);
}

async function pemPair(
  cert: x509.X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<KeyPair> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  const key = x509.PemConverter.encode(bytes, x509.PemConverter.PrivateKeyTag);
  return { cert: `${cert.toString('pem')}\n`, key: `${key}\n` };
}
