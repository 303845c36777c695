import { X509Certificate, createPrivateKey } from 'node:crypto';
import { StatusError } from '../kube/index.ts';
import type { KeyPair } from './issue-certificate.ts';
import { readIfThere, writePrivateFile } from './private-file.ts';

const KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/;

/** Key and certificate live in one file, so that no crash can leave one without the other. */
export async function writeKeyPair(path: string, { cert, key }: KeyPair): Promise<void> {
  await writePrivateFile(path, `${key}${cert}`);
}

/**
 * Reads a file of `writeKeyPair`; undefined when there is none.
 * @throws Invalid when it is something else: it is never overwritten
 */
export async function readKeyPair(path: string): Promise<KeyPair | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const key = KEY.exec(text)?.[0];
  const cert = CERTIFICATE.exec(text)?.[0];
  if (key === undefined || cert === undefined) {
    throw unusable(path, 'does not hold a private key and a certificate');
  }
  checkPair(path, { key, cert });
  return { key, cert };
}

function checkPair(path: string, { key, cert }: KeyPair): void {
  let isPair: boolean;
  try {
    isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw unusable(path, 'can not be read as a private key and a certificate', cause);
  }
  if (!isPair)
    throw unusable(path, 'holds a private key and a certificate that do not belong together');
}

/** A file of the data directory that is not what we wrote there. */
export function unusable(path: string, fault: string, cause?: unknown): StatusError {
  const message = `${path} ${fault}: move it away to have a new one made`;
  return new StatusError('Invalid', message, { cause });
}
