import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'count-results-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const file = (name: string, ...statuses: string[]) => ({
  name: resolve(name),
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, i) => ({ status, fullName: `test ${i}` })),
});
const rig = file('test/rig/rig.test.ts', 'passed');
const realNode = file('test/rig/real-node.test.ts', 'passed');
const broken = { ...file('test/a.test.ts'), status: 'failed' };

describe('the count that closes a CI run', () => {
  it.each([
    { title: 'adds up tests and checks', files: [rig, realNode], want: '3 passed, 0 failed' },
    {
      title: 'counts failed tests',
      files: [rig, realNode, file('test/a.test.ts', 'failed', 'failed', 'passed')],
      want: '4 passed, 2 failed',
    },
    {
      title: 'counts a file that never came to its tests',
      files: [rig, realNode, broken],
      want: '3 passed, 1 failed',
    },
    { title: 'fails without the real node', files: [rig], want: '2 passed, 1 failed' },
    {
      title: 'fails when real clusters were skipped',
      files: [file('test/rig/rig.test.ts', 'pending'), realNode],
      want: '2 passed, 1 failed',
    },
    {
      title: 'fails when a check did',
      files: [rig, realNode],
      check: '1',
      want: '2 passed, 1 failed',
    },
    {
      title: 'fails when the runner alone knows why',
      files: [rig, realNode],
      runner: '1',
      want: '3 passed, 1 failed',
    },
    { title: 'fails when nothing ran', files: [], want: '1 passed, 2 failed' },
  ])('$title', ({ files, want, runner = '0', check = '0' }) => {
    const report = join(directory, 'report.json');
    writeFileSync(report, JSON.stringify({ testResults: files }));

    const script = join(import.meta.dirname, 'count-results.ts');
    const { stdout, status } = spawnSync(process.execPath, [script, report, runner, check], {
      encoding: 'utf8',
    });

    expect(stdout.trimEnd().split('\n').at(-1)).toBe(want);
    expect(status).toBe(want.endsWith(' 0 failed') ? 0 : 1);
  });
});
