import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    // Real control planes are heavy: on a small machine more than two files at once starve each other.
    maxWorkers: 2,
  },
});
