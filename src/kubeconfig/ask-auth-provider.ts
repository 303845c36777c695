import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { type PlacedEntry, asEntry, asText } from './read-kubeconfig.ts';
import type { DatedCredential } from './run-exec-plugin.ts';

/** How long a token without a readable end is used before the provider is asked again. */
const UNDATED_MS = 60_000;

/** Asks a user's legacy `auth-provider` (oidc, gcp, azure), keeping what it refreshes. */
export type AuthProvider = (now: number) => Promise<DatedCredential>;

/**
 * The provider as the Kubernetes client library knows it. Loaded only for users that need it: the
 * library is large.
 */
export async function authProvider(user: PlacedEntry): Promise<AuthProvider> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromString(soleContext(user));
  return async (now) => {
    const token = await bearerToken(config, user.name);
    return { token, expiresAtMs: jwtEndMs(token) ?? now + UNDATED_MS };
  };
}

/** The address is never called: the library wants one to work out the headers for. */
function soleContext({ name, entry }: PlacedEntry): string {
  return JSON.stringify({
    clusters: [{ name: 'cluster', cluster: { server: 'https://localhost' } }],
    users: [{ name, user: { 'auth-provider': entry['auth-provider'] } }],
    contexts: [{ name: 'context', context: { cluster: 'cluster', user: name } }],
    'current-context': 'context',
  });
}

async function bearerToken(config: KubeConfig, user: string): Promise<string> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const header = asText(asEntry(options.headers)?.['Authorization']);
  if (header === undefined) {
    throw new Error(`the auth-provider of user "${user}" gave no token; log in again`);
  }
  return header.replace(/^Bearer /, '').trim();
}

function jwtEndMs(token: string): number | undefined {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const seconds = asEntry(JSON.parse(payload))?.['exp'];
    return typeof seconds === 'number' ? seconds * 1000 : undefined;
  } catch {
    return undefined;
  }
}
