import { badRequest } from '../kube/index.ts';
import { connectMember } from '../members/index.ts';
import { type FleetMember, createFleet } from '../members/index.ts';
import { serverOf } from './build-access.ts';
import { KubeconfigAccess } from './kubeconfig-access.ts';
import type { Fleet, MemberLog } from '../members/index.ts';
import { type NamedContext, memberNames } from './member-names.ts';
import { HealthProbe } from '../members/index.ts';
import {
  type Entry,
  type KubeconfigReader,
  asEntry,
  asText,
  defaultKubeconfigFiles,
  kubeconfigReader,
} from './read-kubeconfig.ts';
import { bareHost, portOf } from '../members/index.ts';

/** Name of the kubeconfig cluster extension that marks an address as Flotilla's own. */
export const OWN_EXTENSION = 'flotilla.io';
const OWN_PATH = '/apis/flotilla.io/';
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '0.0.0.0', '::']);

export interface FleetOptions {
  /** Merged as kubectl merges them; undefined for those of KUBECONFIG, else the user's default file. */
  readonly files: readonly string[] | undefined;
  /** Each `context` or `name=context`; undefined for all contexts. */
  readonly contexts: readonly string[] | undefined;
  /** `host:port` of each address that we serve at: contexts that lead there are left out. */
  readonly ownAddresses?: readonly string[];
  /** The process's environment: where files are by default, and what credential plugins run with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: MemberLog;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What probes wait with; real time if undefined. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Makes each context a member. Asks no member anything yet.
 * @throws BadRequest that lists every fault of the files and of the choice of contexts
 */
export async function fleetFromKubeconfig(options: FleetOptions): Promise<Fleet> {
  const files = options.files ?? defaultKubeconfigFiles(options.env);
  const reader = kubeconfigReader({ files, mayBeMissing: options.files === undefined });
  const candidates = await usableContexts(reader, options);
  const { named, faults } = memberNames(
    candidates.map(({ context }) => context),
    options.contexts,
  );
  if (faults.length > 0) throw badRequest(faults.join('; '));
  const servers = new Map(candidates.map(({ context, server }) => [context, server]));
  const members = named.flatMap((choice) => {
    const server = servers.get(choice.context);
    return server ? [makeMember(choice, { ...options, reader, server })] : [];
  });
  return createFleet(members, options.log);
}

interface Candidate {
  readonly context: string;
  readonly server: URL;
}

async function usableContexts(
  reader: KubeconfigReader,
  { log, ownAddresses = [] }: FleetOptions,
): Promise<Candidate[]> {
  const { contexts, clusters } = await reader.read();
  return [...contexts.values()].flatMap(({ name, entry }) => {
    const cluster = clusters.get(asText(entry['cluster']) ?? '');
    try {
      if (!cluster) throw new Error('its cluster is not in the kubeconfig');
      const server = serverOf(cluster.entry);
      if (!isOurs(cluster.entry, server, ownAddresses)) return [{ context: name, server }];
      log.info({ context: name }, 'context leads to ourselves; left out');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ context: name, reason }, 'context is unusable; left out');
    }
    return [];
  });
}

/** By its mark, its path or its address: a fleet must not hold itself. */
function isOurs(cluster: Entry, server: URL, ownAddresses: readonly string[]): boolean {
  const extensions: readonly unknown[] = Array.isArray(cluster['extensions'])
    ? cluster['extensions']
    : [];
  if (extensions.some((item) => asEntry(item)?.['name'] === OWN_EXTENSION)) return true;
  if (server.pathname.startsWith(OWN_PATH)) return true;
  const address = plainAddress(server);
  return ownAddresses.some((own) => plainAddress(new URL(`https://${own}`)) === address);
}

function plainAddress(url: URL): string {
  const host = bareHost(url);
  return `${LOOPBACK.has(host) ? 'localhost' : host}:${portOf(url)}`;
}

interface MemberOptions extends FleetOptions {
  readonly reader: KubeconfigReader;
  readonly server: URL;
}

function makeMember({ name, context }: NamedContext, options: MemberOptions): FleetMember {
  const { reader, server, env, log, now, sleep } = options;
  const source = new KubeconfigAccess({ reader, context, env, now });
  const health = new HealthProbe({ name, now, log, ...(sleep && { sleep }) });
  return { member: connectMember({ name, source, health, server }), health, context };
}
