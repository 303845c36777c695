import { defineConfig } from 'vitest/config';

/** Where to write what was run, as JSON, for `.ci/run` to count. */
const report = process.env['FLOTILLA_TEST_REPORT'];

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    // Real control planes are heavy: on a small machine more than two files at once starve each other.
    maxWorkers: 2,
  },
});
