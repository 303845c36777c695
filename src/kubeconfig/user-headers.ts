import { type Entry, asEntry, asText } from './read-kubeconfig.ts';

type Header = readonly [name: string, value: string];

/**
 * The headers that log a kubeconfig user in: bearer token (one from a file or plugin goes before the
 * one in the entry), else user name and password; and the impersonation that the entry asks for.
 *
 * @param token - from a file, plugin or provider
 */
export function userHeaders(user: Entry, token: string | undefined): Header[] {
  return [...authorization(user, token), ...impersonation(user)];
}

function authorization(user: Entry, token: string | undefined): Header[] {
  const bearer = token ?? asText(user['token']);
  if (bearer !== undefined) return [['Authorization', `Bearer ${bearer}`]];
  const name = asText(user['username']);
  if (name === undefined) return [];
  const pair = `${name}:${asText(user['password']) ?? ''}`;
  return [['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`]];
}

function impersonation(user: Entry): Header[] {
  const name = asText(user['as']);
  if (name === undefined) return [];
  const uid = asText(user['as-uid']);
  const extra = asEntry(user['as-user-extra']) ?? {};
  return [
    ['Impersonate-User', name],
    ...(uid === undefined ? [] : [['Impersonate-Uid', uid] as const]),
    ...texts(user['as-groups']).map((group) => ['Impersonate-Group', group] as const),
    ...Object.entries(extra).flatMap(([key, values]) =>
      texts(values).map(
        (value) => [`Impersonate-Extra-${encodeURIComponent(key)}`, value] as const,
      ),
    ),
  ];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
