import 'reflect-metadata';

import { webcrypto } from 'node:crypto';

import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate and its private key, both PEM (key: PKCS #8). */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate says of its holder. */
export interface Subject {
  readonly commonName: string;
  /** Kubernetes reads these as groups. */
  readonly organizations?: readonly string[];
  /** Names and addresses that a serving certificate is good for. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

/** A certificate authority of one cluster; nothing it issued is good in another. */
export interface CertificateAuthority extends Credential {
  /** A certificate for clients and servers alike, valid from an hour ago for a month. */
  readonly issue: (subject: Subject) => Promise<Credential>;
}

x509.cryptoProvider.set(webcrypto);

/** Makes a self-signed authority. */
export async function createAuthority(commonName: string): Promise<CertificateAuthority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ALGORITHM,
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
  const issue = async (subject: Subject): Promise<Credential> => {
    const own = await newKeys();
    const leaf = await x509.X509CertificateGenerator.create({
      ...validity(),
      subject: distinguishedName(subject),
      issuer: certificate.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        ...leafExtensions(subject),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { certificate: leaf.toString('pem'), key: await privatePem(own) };
  };
  return { certificate: certificate.toString('pem'), key: await privatePem(keys), issue };
}

/** A key pair for signing ServiceAccount tokens, PEM. */
export async function createSigningKeys(): Promise<{ publicKey: string; privateKey: string }> {
  const keys = await newKeys();
  const bytes = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return {
    publicKey: x509.PemConverter.encode(bytes, 'PUBLIC KEY'),
    privateKey: await privatePem(keys),
  };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return x509.PemConverter.encode(bytes, 'PRIVATE KEY');
}

const validity = () => ({
  notBefore: new Date(Date.now() - DAY_MS / 24),
  notAfter: new Date(Date.now() + 30 * DAY_MS),
});

function distinguishedName({ commonName, organizations = [] }: Subject): x509.JsonName {
  return [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }];
}

function leafExtensions({ dnsNames = [], ipAddresses = [] }: Subject): x509.Extension[] {
  const names = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new x509.ExtendedKeyUsageExtension([
      x509.ExtendedKeyUsage.serverAuth,
      x509.ExtendedKeyUsage.clientAuth,
    ]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}
