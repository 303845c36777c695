import type { Footprint } from './footprint.ts';
import type { SoakResult } from './soak.ts';

/** From here on histories are full after a fifth of the time, so that memory must not grow any more. */
export const FULL_SECONDS = 600;

/** What may be held more at the end than at a fifth of the time. */
const GROWTH = 0.05;
/** Two more than before are no leak, however few there are. */
const SPARE = 2;
/** What a history that still fills may keep of each change. */
const BYTES_A_WRITE = 4_096;

const MEMORY = ['heapBytes', 'externalBytes'] as const;
const HANDLES = ['handles', 'openFiles'] as const;

/** What is wrong with a soak, in words; empty when nothing is. */
export function judge(result: SoakResult): string[] {
  const { faults, differing, events, resumes } = result;
  return [
    ...faults,
    ...differing.map((title) => `${title}: its cache is not what the members hold`),
    ...(events === 0 ? ['no event was seen'] : []),
    ...(resumes === 0 ? ['no watch was resumed'] : []),
    ...HANDLES.flatMap((key) => growth(result, key, SPARE)),
    ...MEMORY.flatMap((key) => growth(result, key, memoryToFill(result))),
  ];
}

function memoryToFill({ seconds, writes }: SoakResult): number {
  return seconds < FULL_SECONDS ? writes * BYTES_A_WRITE : 0;
}

function growth({ first, last }: SoakResult, key: keyof Footprint, spare: number): string[] {
  const isBounded = last[key] <= first[key] * (1 + GROWTH) + spare;
  return isBounded ? [] : [`${key} grew from ${first[key]} to ${last[key]}`];
}
