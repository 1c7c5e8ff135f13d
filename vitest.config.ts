import { defineConfig } from 'vitest/config';

/** Where `.ci/run` finds the counts; git ignores the folder. */
const RESULTS = '.paceline/test-results.json';

export default defineConfig({
  test: {
    include: ['{packages/*/src,examples,benchmarks,chaos,scripts}/**/*.test.ts'],
    // Type tests run with the others. Errors outside them are left to `pnpm types`, which says them better.
    typecheck: {
      enabled: true,
      include: ['{packages/*/src,examples,scripts}/**/*.test-d.ts'],
      ignoreSourceErrors: true,
    },
    // Far above what any test takes: only a hang reaches it.
    testTimeout: 30_000,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: RESULTS }]] : ['default'],
  },
});
