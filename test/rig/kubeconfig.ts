import { writeFile } from 'node:fs/promises';

import { stringify } from 'yaml';

import type { Credential } from './pki.ts';

/** One context of a kubeconfig; cluster and user have the context's name. */
export interface KubeconfigEntry {
  readonly name: string;
  readonly url: string;
  /** PEM. */
  readonly authority: string;
  readonly credential: Credential;
}

/** Writes a kubeconfig, readable by its owner only; the first entry is the current context. */
export async function writeKubeconfig(
  path: string,
  entries: readonly KubeconfigEntry[],
): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': entries[0]?.name ?? '',
    clusters: entries.map(({ name, url, authority }) => ({
      name,
      cluster: { server: url, 'certificate-authority-data': base64(authority) },
    })),
    users: entries.map(({ name, credential }) => ({
      name,
      user: {
        'client-certificate-data': base64(credential.certificate),
        'client-key-data': base64(credential.key),
      },
    })),
    contexts: entries.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
  };
  await writeFile(path, stringify(config), { mode: 0o600 });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
