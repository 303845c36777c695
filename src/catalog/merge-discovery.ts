import { compareVersions, resourceKey, type GroupVersionResource } from '../kube/index.ts';

import type {
  DiscoveredGroup,
  DiscoveredResource,
  DiscoveredSubresource,
  DiscoveredVersion,
} from './discovery.ts';
import { compareNewestFirst, type KubernetesVersion } from './kubernetes-version.ts';
import type { ServedResource, ServedSubresource } from './served-resource.ts';

/** What one member was last known to serve. */
export interface MemberDiscovery {
  readonly name: string;
  readonly version: KubernetesVersion;
  readonly groups: readonly DiscoveredGroup[];
}

/** What the fleet serves: the union over its members. */
export interface MergedDiscovery {
  /** In the newest member's order, others after; the preferred version of each first. */
  readonly groups: readonly DiscoveredGroup[];
  /** By `resourceKey`. */
  readonly served: ReadonlyMap<string, ServedResource>;
}

interface Serving<T> {
  readonly member: MemberDiscovery;
  readonly what: T;
}

/**
 * Makes one discovery of many. The newest member that serves a resource says what it is (scope, kind,
 * names, verbs); members that serve it with the other scope are named and left out. A version is stale
 * only when it is so in every member that has it.
 */
export function mergeDiscovery(members: readonly MemberDiscovery[]): MergedDiscovery {
  const newestFirst = members.toSorted(compareNewestFirst);
  const served = new Map<string, ServedResource>();
  const byGroup = collect(newestFirst.flatMap((member) => named(member, member.groups, 'name')));
  const groups = [...byGroup].map(([name, servings]) => mergeGroup(name, servings, served));
  return { groups: groups.toSorted(coreFirst), served };
}

const coreFirst = (a: DiscoveredGroup, b: DiscoveredGroup): number =>
  Number(a.name !== '') - Number(b.name !== '');

function mergeGroup(
  name: string,
  servings: readonly Serving<DiscoveredGroup>[],
  served: Map<string, ServedResource>,
): DiscoveredGroup {
  const byVersion = collect(
    servings.flatMap(({ member, what }) => named(member, what.versions, 'version')),
  );
  const holders = membersByResource(servings);
  const order = versionOrder(servings.map(({ what }) => what.versions.map((v) => v.version)));
  const versions = order.map((version) => {
    return mergeVersion(version, byVersion.get(version) ?? [], (resource, all) => {
      const key = { group: name, version, resource: resource.resource };
      served.set(
        resourceKey(key),
        toServed(key, resource, { all, inGroup: holders.get(resource.resource) ?? [] }),
      );
    });
  });
  return { name, versions };
}

/**
 * The order of a group's versions: the preferred one first, then as the newest member lists them, with
 * those it lacks put in by Kubernetes' order. Preferred is the one that most members serve, and of
 * equals the first.
 * @param lists - each member's own order, newest member first
 */
export function versionOrder(lists: readonly (readonly string[])[]): string[] {
  const order: string[] = [];
  const counts = new Map<string, number>();
  for (const version of lists.flatMap((list) => [...new Set(list)])) {
    counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  for (const version of lists.flatMap((list, i) =>
    i === 0 ? list : list.toSorted(compareVersions),
  )) {
    if (order.includes(version)) continue;
    const fromNewest = lists[0]?.includes(version) ?? false;
    const before = fromNewest
      ? -1
      : order.findIndex((other) => compareVersions(version, other) < 0);
    order.splice(before < 0 ? order.length : before, 0, version);
  }
  const most = Math.max(0, ...counts.values());
  const preferred = order.find((version) => counts.get(version) === most);
  return preferred === undefined
    ? order
    : [preferred, ...order.filter((version) => version !== preferred)];
}

function mergeVersion(
  version: string,
  servings: readonly Serving<DiscoveredVersion>[],
  found: (merged: DiscoveredResource, all: readonly Serving<DiscoveredResource>[]) => void,
): DiscoveredVersion {
  const byResource = collect(
    servings.flatMap(({ member, what }) => named(member, what.resources, 'resource')),
  );
  const resources = [...byResource.values()].flatMap((all) => {
    const merged = mergeResource(all);
    if (!merged) return [];
    found(merged, all);
    return [merged];
  });
  const isStale = servings.every(({ what }) => what.freshness === 'Stale');
  return { version, resources, freshness: isStale ? 'Stale' : 'Current' };
}

function mergeResource(
  servings: readonly Serving<DiscoveredResource>[],
): DiscoveredResource | undefined {
  const newest = servings[0]?.what;
  if (!newest) return undefined;
  const subresources = new Map<string, DiscoveredSubresource>();
  for (const { what } of servings) {
    if (what.scope !== newest.scope) continue;
    for (const sub of what.subresources ?? []) {
      if (!subresources.has(sub.subresource)) subresources.set(sub.subresource, sub);
    }
  }
  return { ...newest, ...(subresources.size > 0 && { subresources: [...subresources.values()] }) };
}

function toServed(
  { group, version, resource }: GroupVersionResource,
  merged: DiscoveredResource,
  { all, inGroup }: { all: readonly Serving<DiscoveredResource>[]; inGroup: readonly string[] },
): ServedResource {
  const withThisScope = all.filter(({ what }) => what.scope === merged.scope);
  const withOther = all.filter(({ what }) => what.scope !== merged.scope);
  const names = new Set(all.map(({ member }) => member.name));
  const newest = all[0]?.member;
  return {
    group,
    version,
    resource,
    kind: merged.responseKind.kind,
    singular: merged.singularResource,
    namespaced: merged.scope === 'Namespaced',
    verbs: merged.verbs,
    shortNames: merged.shortNames ?? [],
    categories: merged.categories ?? [],
    subresources: (merged.subresources ?? []).map((sub) => toServedSub(sub, group, version)),
    members: withThisScope.map(({ member }) => member.name).sort(),
    scopeMismatch: withOther.map(({ member }) => member.name).sort(),
    otherVersionsOnly: inGroup.filter((name) => !names.has(name)).sort(),
    newest: newest?.name ?? '',
    minor: newest?.version.minor ?? 0,
  };
}

/** Built-in subresources leave group and version empty when they are the resource's own. */
function toServedSub(
  { subresource, responseKind, verbs }: DiscoveredSubresource,
  group: string,
  version: string,
): ServedSubresource {
  const isOwn = responseKind.version === '' && responseKind.group === '';
  return {
    name: subresource,
    kind: responseKind.kind,
    group: isOwn ? group : responseKind.group,
    version: isOwn ? version : responseKind.version,
    verbs,
  };
}

/** Which members have the resource in any version of the group. */
function membersByResource(servings: readonly Serving<DiscoveredGroup>[]): Map<string, string[]> {
  const holders = new Map<string, string[]>();
  for (const { member, what } of servings) {
    const names = what.versions.flatMap(({ resources }) => resources.map((r) => r.resource));
    for (const name of new Set(names)) {
      holders.set(name, [...(holders.get(name) ?? []), member.name]);
    }
  }
  return holders;
}

function named<T, K extends keyof T>(
  member: MemberDiscovery,
  items: readonly T[],
  key: K,
): [T[K], Serving<T>][] {
  return items.map((what) => [what[key], { member, what }]);
}

/** Groups by key, in order of first sight. A member that lists the same key twice counts once. */
function collect<K, T>(entries: readonly (readonly [K, Serving<T>])[]): Map<K, Serving<T>[]> {
  const groups = new Map<K, Serving<T>[]>();
  for (const [key, serving] of entries) {
    const known = groups.get(key);
    if (!known) groups.set(key, [serving]);
    else if (!known.some(({ member }) => member === serving.member)) known.push(serving);
  }
  return groups;
}
