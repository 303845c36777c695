import type { Informers } from '../informers/index.ts';
import type { Fleet } from '../members/index.ts';
import type { MemberSnapshot } from './member-metrics.ts';

/** Each member as a scrape shows it, over all kinds that are in memory. */
export function memberSnapshots(
  { fleet, informers }: { readonly fleet: Fleet; readonly informers: Informers },
  now: number,
): MemberSnapshot[] {
  const kinds = informers.list();
  return fleet.members.map(({ name, health }) => {
    const sizes = kinds.map(({ cache }) => cache.size(name));
    const isStale = kinds.some(
      (kind) => kind.clusters.includes(name) && kind.freshness(name).state !== 'fresh',
    );
    return {
      member: name,
      isUp: health.isAlive,
      isStale,
      ...(health.lastAnswerMs !== undefined && { lagSeconds: (now - health.lastAnswerMs) / 1000 }),
      objects: sizes.reduce((sum, { objects }) => sum + objects, 0),
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
}
