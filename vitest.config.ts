import {defineConfig} from 'vitest/config';

/** Unit tests need nothing but Node; the end-to-end tests (`test/e2e`) need root and Linux and run two files at a time, each in labs of its own; `npm run soak` is their long form. */
export default defineConfig({
  test: {
    projects: [
      {test: {name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**']}},
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'soak',
          include: ['test/soak/**/*.soak.ts'],
          fileParallelism: false,
          testTimeout: 4 * 3_600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
