import { describe, expect, it } from 'vitest';
import { rigSkipReason } from '../rig/index.ts';
import { judge } from './judge.ts';
import { soak } from './soak.ts';

const SECONDS = 60;

describe.skipIf(rigSkipReason())('a soak', () => {
  it(
    'loses and doubles no event while objects change and a member freezes',
    { timeout: 240_000 },
    async () => {
      const lines: string[] = [];

      const result = await soak({ seconds: SECONDS, print: (line) => lines.push(line) });

      expect(judge(result), lines.join('\n')).toEqual([]);
      expect(result.delay.p99Ms).toBeLessThan(3_000);
    },
  );
});
