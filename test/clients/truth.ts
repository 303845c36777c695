import { isDeepStrictEqual } from 'node:util';

import type { Member } from '../rig/index.ts';
import type { Facts } from './client-process.ts';

/** What must be equal in a member and in a client's cache. */
export interface SeenObject {
  readonly uid: string;
  /** The member's own version of it. */
  readonly version: string | undefined;
  /** What the view's label says; absent outside of views. */
  readonly cluster: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

/** Object by `namespace/name`. */
export type SeenObjects = Readonly<Record<string, SeenObject>>;

const CLUSTER_LABEL = 'flotilla.io/cluster';
const VERSION_ANNOTATION = 'flotilla.io/resource-version';

/** What a client's objects say, with the view's tags taken off. */
export function seen(facts: Facts): SeenObjects {
  return Object.fromEntries(
    Object.entries(facts).map(([key, { uid, resourceVersion, labels, annotations, data }]) => {
      const { [CLUSTER_LABEL]: cluster, ...own } = labels;
      const version = annotations[VERSION_ANNOTATION] ?? resourceVersion;
      return [key, { uid, version, cluster, labels: own, data }];
    }),
  );
}

/** The ConfigMaps of a member, asked of itself, as the view is to show them. */
export async function readTruth(
  member: Member,
  namespace: string,
  isView: boolean,
): Promise<SeenObjects> {
  const { stdout } = await member.kubectl(['get', 'configmaps', '-n', namespace, '-o', 'json']);
  const { items } = JSON.parse(stdout) as { items: readonly ListedConfigMap[] };
  return Object.fromEntries(
    items.map(({ metadata: { name, uid, resourceVersion, labels = {} }, data = {} }) => [
      `${namespace}/${isView ? `${name}@${member.name}` : name}`,
      {
        uid,
        version: resourceVersion,
        cluster: isView ? member.name : undefined,
        labels,
        data,
      },
    ]),
  );
}

interface ListedConfigMap {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

export const isEqual = (some: SeenObjects, others: SeenObjects): boolean =>
  isDeepStrictEqual(some, others);
