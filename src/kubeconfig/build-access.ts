import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Access, TlsMaterial } from '../members/index.ts';
import {
  type Entry,
  type KubeconfigReader,
  type PlacedEntry,
  asText,
  fileStamp,
} from './read-kubeconfig.ts';
import type { DatedCredential } from './run-exec-plugin.ts';
import { userHeaders } from './user-headers.ts';

/** The context's cluster and user, as they stand in the kubeconfig. */
export interface ContextEntries {
  readonly cluster: PlacedEntry;
  /** Undefined for a context that names no user: requests go without credentials. */
  readonly user: PlacedEntry | undefined;
}

/** @throws Error that says what the context lacks */
export async function readContext(reader: KubeconfigReader, name: string): Promise<ContextEntries> {
  const { contexts, clusters, users } = await reader.read();
  const context = contexts.get(name);
  if (!context) throw new Error(`context "${name}" is gone from the kubeconfig`);
  const clusterName = asText(context.entry['cluster']) ?? '';
  const userName = asText(context.entry['user']);
  const cluster = clusters.get(clusterName);
  if (!cluster) throw new Error(`context "${name}" names no cluster that the kubeconfig has`);
  if (userName === undefined) return { cluster, user: undefined };
  const user = users.get(userName);
  if (!user) throw new Error(`user "${userName}" of context "${name}" is not in the kubeconfig`);
  return { cluster, user };
}

/**
 * Reads what the entries refer to.
 *
 * @param credential - from a plugin; goes before what the user entry holds
 * @param stamps - takes down which files were read, and what they were just before
 * @throws Error that names the file or field that is wrong
 */
export async function buildAccess(
  { cluster, user }: ContextEntries,
  credential: DatedCredential,
  stamps: Map<string, string>,
): Promise<Access> {
  const ca = await readMaterial(cluster, 'certificate-authority', stamps);
  const owned = user ? await readUserMaterial(user, stamps) : {};
  const { cert, key, token } = { ...owned, ...credential };
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error(`user "${user?.name ?? ''}" has a client certificate or key without the other`);
  }
  const servername = asText(cluster.entry['tls-server-name']);
  const tls: TlsMaterial = {
    ...(ca && { ca }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: cluster.entry['insecure-skip-tls-verify'] !== true,
  };
  return assemble(cluster, tls, userHeaders(user?.entry ?? {}, token));
}

interface UserMaterial {
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
}

async function readUserMaterial(
  user: PlacedEntry,
  stamps: Map<string, string>,
): Promise<UserMaterial> {
  const cert = await readMaterial(user, 'client-certificate', stamps);
  const key = await readMaterial(user, 'client-key', stamps);
  const token = await readMaterial(user, 'tokenFile', stamps);
  return {
    ...(cert && { cert }),
    ...(key && { key }),
    ...(token && { token: token.toString('utf8').trim() }),
  };
}

/** From the field's base64 sibling, which goes first, or the file that the field names. */
async function readMaterial(
  { entry, directory }: PlacedEntry,
  field: string,
  stamps: Map<string, string>,
): Promise<Buffer | undefined> {
  const inline = asText(entry[`${field}-data`]);
  if (inline !== undefined) return Buffer.from(inline, 'base64');
  const name = asText(entry[field]);
  if (name === undefined) return undefined;
  const file = path.resolve(directory, name);
  stamps.set(file, await fileStamp(file));
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(
      `can't read ${field} ${file} (${code}); put it there or correct the kubeconfig`,
      {
        cause: error,
      },
    );
  }
}

function assemble(cluster: PlacedEntry, tls: TlsMaterial, headers: Access['headers']): Access {
  const server = serverOf(cluster.entry);
  const proxyText = asText(cluster.entry['proxy-url']);
  const proxy = proxyText === undefined ? undefined : proxyOf(proxyText);
  const { ca, cert, key, ...rest } = tls;
  const secrets = [ca, cert, key].map((material) => material?.toString() ?? '');
  const parts = JSON.stringify([server.href, proxy?.href, rest, secrets]);
  const connectionKey = createHash('sha256').update(parts).digest('hex');
  return { server, tls, proxy, headers, connectionKey };
}

/** @throws Error that quotes an address that is none */
export function serverOf(cluster: Entry): URL {
  const text = asText(cluster['server']) ?? '';
  const withScheme = text.includes('://') ? text : `https://${text}`;
  if (text === '' || !/^https?:\/\//.test(withScheme) || !URL.canParse(withScheme)) {
    throw new Error(`server "${text}" is no http or https address; correct the kubeconfig`);
  }
  return new URL(withScheme);
}

function proxyOf(text: string): URL {
  if (!/^(?:https?|socks5h?):\/\//.test(text) || !URL.canParse(text)) {
    throw new Error(`proxy-url "${text}" is no http, https or socks5 address`);
  }
  return new URL(text);
}
