import { StatusError } from '../kube/index.ts';

import type { DiscoveredGroup, DiscoveredResource, DiscoveredVersion } from './discovery.ts';
import { parseLegacyResources } from './legacy-resources.ts';
import {
  asFields,
  asName,
  asObjects,
  asStrings,
  asText,
  garbage,
  type Fields,
} from './untrusted.ts';

/** Requests a single member is sent at once. */
const MAX_CONCURRENT = 6;

const LISTED_NOT_SERVED: ReadonlySet<string> = new Set(['BadGateway', 'NotFound']);

type GetDocument = (path: string) => Promise<Fields>;

interface Listed {
  readonly group: string;
  readonly version: string;
  readonly path: string;
}

/**
 * Reads discovery document by document: `/api`, `/apis`, then each group version. One whose document
 * can't be had keeps what was known of it and is stale.
 * @throws what `get` throws for `/api` (but NotFound) and `/apis`, BadGateway when one is not understood
 */
export async function readLegacyDiscovery(
  get: GetDocument,
  known: readonly DiscoveredGroup[] = [],
): Promise<DiscoveredGroup[]> {
  const [core, named] = await Promise.all([listCoreVersions(get), get('/apis')]);
  const listed = [...core, ...listGroupVersions(named)];
  const versions: (DiscoveredVersion | undefined)[] = [];
  const queue = listed.map((item, index) => ({ item, index }));
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      versions[next.index] = await readVersion(get, next.item, known);
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, work));
  return toGroups(listed, versions);
}

async function listCoreVersions(get: GetDocument): Promise<Listed[]> {
  const document = await get('/api').catch((err: unknown) => {
    if (err instanceof StatusError && err.reason === 'NotFound') return undefined;
    throw err;
  });
  if (!document) return [];
  if (document['kind'] !== 'APIVersions') throw garbage('/api is not an APIVersions');
  return asStrings(document['versions'], 'versions').map((version) => ({
    group: '',
    version,
    path: `/api/${version}`,
  }));
}

/** Every version of every group, the preferred one of each first. */
function listGroupVersions(document: Fields): Listed[] {
  if (document['kind'] !== 'APIGroupList') throw garbage('/apis is not an APIGroupList');
  return asObjects(document['groups'], 'groups').flatMap((group) => {
    const name = asName(group['name'], 'group name');
    const preferred = asText(
      asFields(group['preferredVersion'] ?? {}, 'preferredVersion')['version'],
      'preferredVersion',
    );
    const versions = asObjects(group['versions'], 'versions').map((v) =>
      asName(v['version'], 'version'),
    );
    return versions
      .toSorted((a, b) => Number(b === preferred) - Number(a === preferred))
      .map((version) => ({ group: name, version, path: `/apis/${name}/${version}` }));
  });
}

async function readVersion(
  get: GetDocument,
  { group, version, path }: Listed,
  known: readonly DiscoveredGroup[],
): Promise<DiscoveredVersion> {
  try {
    return { version, resources: parseLegacyResources(await get(path)), freshness: 'Current' };
  } catch (err) {
    // A member that stopped answering half-way says nothing about its groups.
    if (!(err instanceof StatusError) || !LISTED_NOT_SERVED.has(err.reason)) throw err;
    return { version, resources: knownResources(known, group, version), freshness: 'Stale' };
  }
}

/** What was last known of a group version. */
export function knownResources(
  groups: readonly DiscoveredGroup[],
  group: string,
  version: string,
): readonly DiscoveredResource[] {
  const versions = groups.find(({ name }) => name === group)?.versions;
  return versions?.find((v) => v.version === version)?.resources ?? [];
}

function toGroups(
  listed: readonly Listed[],
  versions: readonly (DiscoveredVersion | undefined)[],
): DiscoveredGroup[] {
  const groups = new Map<string, DiscoveredVersion[]>();
  listed.forEach(({ group }, index) => {
    const version = versions[index];
    if (version) groups.set(group, [...(groups.get(group) ?? []), version]);
  });
  return [...groups].map(([name, ofGroup]) => ({ name, versions: ofGroup }));
}
