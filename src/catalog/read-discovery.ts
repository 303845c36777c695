import { StatusError } from '../kube/index.ts';
import type { MemberReply } from '../members/index.ts';

import type { DiscoveredGroup } from './discovery.ts';
import { parseAggregated } from './parse-aggregated.ts';
import { readLegacyDiscovery } from './read-legacy-discovery.ts';
import { garbage, parseFields, type Fields } from './untrusted.ts';

/** GETs a path of a member, with a deadline. */
export type GetPath = (
  path: string,
  headers: Readonly<Record<string, string>>,
) => Promise<MemberReply>;

/** Newest form first; a member answers with the first that it knows. */
const ACCEPT = ['v2', 'v2beta1']
  .map((v) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/** One of the two aggregated documents, with what to ask for again. */
interface KnownDocument {
  readonly etag: string | undefined;
  readonly groups: readonly DiscoveredGroup[];
}

/** A member's discovery as last read. */
export interface KnownDiscovery {
  /** The core group first. */
  readonly groups: readonly DiscoveredGroup[];
  /** Undefined when the member offers only the older form. */
  readonly documents?: { readonly core: KnownDocument; readonly named: KnownDocument };
}

/**
 * Reads what a member serves, by aggregated discovery or, where it has none, document by document.
 * @param known - the last reading, which makes an unchanged member cheap to read
 * @returns `known` itself when nothing has changed
 * @throws ServiceUnavailable, Timeout when the member can't be reached, BadGateway when its answer
 *   is of no use (the message says why)
 */
export async function readDiscovery(
  get: GetPath,
  known: KnownDiscovery | undefined,
): Promise<KnownDiscovery> {
  const [core, named] = await Promise.all([
    readDocument(get, '/api', known?.documents?.core),
    readDocument(get, '/apis', known?.documents?.named),
  ]);
  if (core === undefined || named === undefined) return readLegacy(get, known);
  if (known && core === known.documents?.core && named === known.documents.named) return known;
  const coreOnly = core.groups.filter(({ name }) => name === '');
  const others = named.groups.filter(({ name }) => name !== '');
  return { groups: [...coreOnly, ...others], documents: { core, named } };
}

async function readLegacy(
  get: GetPath,
  known: KnownDiscovery | undefined,
): Promise<KnownDiscovery> {
  return { groups: await readLegacyDiscovery((path) => getFields(get, path), known?.groups) };
}

/** Undefined when the member offers the document only in its older form. */
async function readDocument(
  get: GetPath,
  path: string,
  known: KnownDocument | undefined,
): Promise<KnownDocument | undefined> {
  const response = await get(path, {
    accept: ACCEPT,
    ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
  });
  if (response.statusCode === 304 && known) return known;
  // A server of aggregated groups alone has no core group.
  if (response.statusCode === 404 && path === '/api') return { etag: undefined, groups: [] };
  if (response.statusCode !== 200) throw refused(path, response.statusCode);
  const contentType = headerText(response.headers['content-type']);
  if (!contentType.includes('as=APIGroupDiscoveryList')) {
    parseFields(response.body, path);
    return undefined;
  }
  const etag = headerText(response.headers['etag']);
  return {
    etag: etag === '' ? undefined : etag,
    groups: parseAggregated(parseFields(response.body, path)),
  };
}

async function getFields(get: GetPath, path: string): Promise<Fields> {
  const { statusCode, body } = await get(path, { accept: 'application/json' });
  if (statusCode !== 200) throw refused(path, statusCode);
  return parseFields(body, path);
}

function refused(path: string, statusCode: number): StatusError {
  if (statusCode === 404) return new StatusError('NotFound', `${path} is not served`);
  return garbage(`${path} was answered with code ${statusCode}`);
}

/** The first value of a header; '' when there is none. */
export function headerText(value: string | readonly string[] | undefined): string {
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}
