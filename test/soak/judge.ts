import type { Footprint } from './footprint.ts';
import type { SoakResult } from './soak.ts';

/** What may be held more at the end than at a fifth of the time. */
const GROWTH = 0.05;
/** One more than before is no leak, however few there are. */
const SPARE: Readonly<Partial<Record<keyof Footprint, number>>> = { handles: 2, openFiles: 2 };

/**
 * What is wrong with a soak, in words; empty when nothing is.
 *
 * @param judgesMemory - false for short runs: histories fill for the first minutes
 */
export function judge(
  { faults, differing, events, resumes, first, last }: SoakResult,
  { judgesMemory }: { readonly judgesMemory: boolean },
): string[] {
  const keys: (keyof Footprint)[] = judgesMemory
    ? ['heapBytes', 'externalBytes', 'handles', 'openFiles']
    : ['handles', 'openFiles'];
  const grown = keys.filter((key) => !(last[key] <= first[key] * (1 + GROWTH) + (SPARE[key] ?? 0)));
  return [
    ...faults,
    ...differing.map((title) => `${title}: its cache is not what the members hold`),
    ...(events === 0 ? ['no event was seen'] : []),
    ...(resumes === 0 ? ['no watch was resumed'] : []),
    ...grown.map((key) => `${key} grew from ${first[key]} to ${last[key]}`),
  ];
}
