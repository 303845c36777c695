import { join } from 'node:path';
import { badRequest } from '../kube/index.ts';
import { serverOf } from './build-access.ts';
import { connectMember, type ConnectedMember } from '../members/index.ts';
import { KubeconfigAccess } from './kubeconfig-access.ts';
import type { MemberLog } from '../members/index.ts';
import { HealthProbe } from '../members/index.ts';
import {
  asText,
  kubeconfigReader,
  type Kubeconfig,
  type KubeconfigReader,
  type PlacedEntry,
} from './read-kubeconfig.ts';

/** Stands for the cluster that this process runs in as a pod, where a kubeconfig is asked for. */
export const IN_CLUSTER = 'in-cluster';

const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ConnectClusterOptions {
  /** How failures name the cluster. */
  readonly name: string;
  /** A file, whose current context counts, or `IN_CLUSTER`. */
  readonly kubeconfig: string;
  /** Of the process: credential plugins run with it, and a pod learns its cluster's address from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its token and its cluster's authority. */
  readonly serviceAccountDirectory?: string;
  readonly log: MemberLog;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * A connection to one cluster that is no member of the fleet; its credentials are followed as they
 * rotate. Asks the cluster nothing yet.
 * @throws BadRequest when the kubeconfig can't be used, or this process is in no cluster
 */
export async function connectCluster(options: ConnectClusterOptions): Promise<ConnectedMember> {
  const { name, kubeconfig, env, log, now } = options;
  const reader =
    kubeconfig === IN_CLUSTER
      ? inClusterReader(options)
      : kubeconfigReader({ files: [kubeconfig], mayBeMissing: false });
  const { currentContext, contexts, clusters } = await reader.read();
  const context = contexts.get(currentContext ?? '');
  const cluster = clusters.get(asText(context?.entry['cluster']) ?? '');
  if (!context || !cluster) {
    throw badRequest(`the kubeconfig ${kubeconfig} has no current-context that leads to a cluster`);
  }
  const source = new KubeconfigAccess({ reader, context: context.name, env, now });
  const server = serverOf(cluster.entry);
  // Never run: nothing is known of its health, so no deadline is shortened.
  return connectMember({ name, source, health: new HealthProbe({ name, now, log }), server });
}

/** The kubeconfig that a pod's environment and mounted files amount to. */
function inClusterReader({
  env,
  serviceAccountDirectory: directory = SERVICE_ACCOUNT_DIRECTORY,
}: ConnectClusterOptions): KubeconfigReader {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  if (host === '') throw badRequest('this process does not run in a cluster as a pod');
  const address = host.includes(':') ? `[${host}]` : host;
  const server = `https://${address}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`;
  const placed = (entry: PlacedEntry['entry']): ReadonlyMap<string, PlacedEntry> =>
    new Map([[IN_CLUSTER, { name: IN_CLUSTER, entry, directory }]]);
  const kubeconfig: Kubeconfig = {
    currentContext: IN_CLUSTER,
    contexts: placed({ cluster: IN_CLUSTER, user: IN_CLUSTER }),
    clusters: placed({ server, 'certificate-authority': join(directory, 'ca.crt') }),
    users: placed({ tokenFile: join(directory, 'token') }),
  };
  return { read: () => Promise.resolve(kubeconfig) };
}
