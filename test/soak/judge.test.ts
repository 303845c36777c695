import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import type { SoakResult } from './soak.ts';

const held = {
  heapBytes: 40e6,
  externalBytes: 30e6,
  residentBytes: 300e6,
  handles: 27,
  openFiles: 60,
};
const calm: SoakResult = {
  seconds: 600,
  faults: [],
  differing: [],
  writes: 1_000,
  events: 20_000,
  resumes: 10,
  first: held,
  last: held,
  delay: { medianMs: 10, p99Ms: 100, worst: [] },
};

describe('a soak is judged', () => {
  it.each<{ title: string; change: Partial<SoakResult>; complaints: number }>([
    { title: 'well when nothing is wrong', change: {}, complaints: 0 },
    { title: 'badly for a fault', change: { faults: ['lost'] }, complaints: 1 },
    { title: 'badly for a cache that differs', change: { differing: ['one'] }, complaints: 1 },
    { title: 'badly when nothing happened', change: { events: 0, resumes: 0 }, complaints: 2 },
    {
      title: 'badly for a heap that grew by a tenth',
      change: { last: { ...held, heapBytes: 44e6 } },
      complaints: 1,
    },
    {
      title: 'well for what a short run keeps of its history',
      change: { seconds: 60, last: { ...held, heapBytes: 44e6 } },
      complaints: 0,
    },
    {
      title: 'badly for more than that',
      change: { seconds: 60, last: { ...held, externalBytes: 60e6 } },
      complaints: 1,
    },
    {
      title: 'badly for handles that stay open',
      change: { last: { ...held, handles: 40 } },
      complaints: 1,
    },
    {
      title: 'badly for what was not measured',
      change: { last: { ...held, openFiles: NaN } },
      complaints: 1,
    },
  ])('$title', ({ change, complaints }) => {
    expect(judge({ ...calm, ...change })).toHaveLength(complaints);
  });
});
