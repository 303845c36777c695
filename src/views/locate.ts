import { objectKey, type KindInformer } from '../informers/index.ts';
import {
  memberUnavailable,
  notFound,
  qualify,
  splitName,
  StatusError,
  type ResourceRequest,
} from '../kube/index.ts';
import type { Member } from '../members/index.ts';
import type { KindInView } from './kinds.ts';
import { namespaceOf } from './view-request.ts';
import type { ViewsContext } from './views-context.ts';

export interface Located {
  readonly member: Member;
  /** The object's name at the member. */
  readonly name: string;
}

export interface LocateOptions {
  readonly kind: KindInView;
  readonly info: ResourceRequest;
  readonly context: Pick<ViewsContext, 'fleet' | 'catalog' | 'deadlineMs'>;
  /** Streams accept a plain name that is unique; everything else leaves it to the control plane. */
  readonly acceptsUniquePlainName: boolean;
  readonly signal: AbortSignal;
}

/**
 * Finds the member that a name in a view addresses.
 * @throws NotFound with the choices, Conflict (409) with the choices when a plain name that may be
 * used is not unique
 */
export async function locate(options: LocateOptions): Promise<Located> {
  const { kind, info } = options;
  const { fleet } = options.context;
  const proxied = readProxyName(info);
  if (kind.view.naming === 'Qualified') {
    const { name, cluster } = splitName(proxied.name, (text) => fleet.get(text) !== undefined);
    const member = fleet.get(cluster);
    if (member) {
      if (!kind.resource.members.includes(cluster)) {
        checkIsKnown(cluster, options.context);
        throw notFound(info, info.name);
      }
      return { member, name: proxied.around(name) };
    }
  }
  const holders = await holdersOf(proxied.name, options);
  const mayBePlain = kind.view.naming === 'Plain' || options.acceptsUniquePlainName;
  const choices = holders.map(({ name: cluster }) =>
    kind.view.naming === 'Plain' ? cluster : qualify(proxied.name, cluster),
  );
  if (!mayBePlain) throw notFound(info, info.name, choices);
  const [only] = holders;
  if (!only) throw notFound(info, info.name);
  if (holders.length > 1) throw ambiguous(info, choices);
  return { member: only, name: info.name };
}

/** @throws ServiceUnavailable for a member of which nobody can say what it holds */
export function checkIsKnown(cluster: string, { catalog }: Pick<ViewsContext, 'catalog'>): void {
  if (!catalog.unknownMembers().includes(cluster)) return;
  throw memberUnavailable(cluster, 'it has not told yet what it serves; try again when it answers');
}

async function holdersOf(
  name: string,
  { kind, info, context, signal }: LocateOptions,
): Promise<Member[]> {
  const informer: KindInformer = kind.informer;
  const clusters = informer.clusters;
  await informer.waitForSync(clusters, context.deadlineMs, signal);
  const key = objectKey({
    namespace: namespaceOf({ info, resource: kind.resource }),
    name,
  });
  return clusters
    .filter((cluster) => informer.cache.get(cluster, key))
    .flatMap((cluster) => context.fleet.get(cluster) ?? []);
}

/** 409: a plain name that several clusters have. */
export function ambiguous(
  { group, resource, name }: ResourceRequest,
  choices: readonly string[],
): StatusError {
  return new StatusError(
    'Conflict',
    `${resource} "${name}" is in several clusters: choose one of ${choices.join(', ')}`,
    {
      details: {
        name,
        ...(group !== '' && { group }),
        kind: resource,
        causes: choices.map((message) => ({ reason: 'Choice', message, field: 'metadata.name' })),
      },
    },
  );
}

/** `[scheme:]name[:port]` of proxied pods, services and nodes: the name inside, and the way back. */
function readProxyName({ subresource, name }: ResourceRequest): {
  name: string;
  around: (inner: string) => string;
} {
  const match = subresource === 'proxy' ? /^(https?:)?([^:]+)(:[^:]*)?$/.exec(name) : null;
  if (!match) return { name, around: (inner) => inner };
  const [, scheme = '', inner = '', port = ''] = match;
  return { name: inner, around: (text) => `${scheme}${text}${port}` };
}
