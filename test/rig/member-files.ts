import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  createAuthority,
  createSigningKeys,
  type CertificateAuthority,
  type Credential,
} from './pki.ts';

/** Bearer tokens that every member accepts → who it is then. */
export const TOKENS = {
  /** Everything is allowed (group system:masters). */
  admin: 'admin-token',
  /** User `viewer`: nothing is allowed until a test grants it. */
  viewer: 'viewer-token',
  /** User `editor`, group `editors`: nothing is allowed until a test grants it. */
  editor: 'editor-token',
} as const;

/** A member's keys and certificates, in memory and as files of one folder. */
export interface MemberFiles {
  readonly authority: CertificateAuthority;
  /** Common name `admin`, group system:masters. */
  readonly admin: Credential;
  /** Path of a file of the folder. */
  readonly path: (name: MemberFile) => string;
}

/** ca, server, admin and front-proxy: `.crt` and `.key`; sa: the ServiceAccount signing keys. */
export type MemberFile =
  | 'ca.crt'
  | 'ca.key'
  | 'server.crt'
  | 'server.key'
  | 'admin.crt'
  | 'admin.key'
  | 'front-proxy-ca.crt'
  | 'front-proxy.crt'
  | 'front-proxy.key'
  | 'sa.pub'
  | 'sa.key'
  | 'tokens.csv';

/** Makes everything that a member's programs read at their start, below `directory`. */
export async function writeMemberFiles(
  directory: string,
  name: string,
  addresses: readonly string[],
): Promise<MemberFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const authority = await createAuthority(`${name}-ca`);
  const frontProxyAuthority = await createAuthority(`${name}-front-proxy-ca`);
  const server = await authority.issue({
    commonName: 'kube-apiserver',
    dnsNames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
    ipAddresses: ['127.0.0.1', '10.96.0.1', ...addresses],
  });
  const admin = await authority.issue({ commonName: 'admin', organizations: ['system:masters'] });
  const frontProxy = await frontProxyAuthority.issue({ commonName: 'front-proxy-client' });
  const signing = await createSigningKeys();
  const contents: Record<MemberFile, string> = {
    'ca.crt': authority.certificate,
    'ca.key': authority.key,
    'server.crt': server.certificate,
    'server.key': server.key,
    'admin.crt': admin.certificate,
    'admin.key': admin.key,
    'front-proxy-ca.crt': frontProxyAuthority.certificate,
    'front-proxy.crt': frontProxy.certificate,
    'front-proxy.key': frontProxy.key,
    'sa.pub': signing.publicKey,
    'sa.key': signing.privateKey,
    'tokens.csv': [
      `${TOKENS.admin},admin,admin,"system:masters"`,
      `${TOKENS.viewer},viewer,viewer`,
      `${TOKENS.editor},editor,editor,"editors"`,
      '',
    ].join('\n'),
  };
  const path = (file: MemberFile): string => join(directory, file);
  for (const [file, text] of Object.entries(contents)) {
    await writeFile(path(file as MemberFile), text, { mode: 0o600 });
  }
  return { authority, admin, path };
}
