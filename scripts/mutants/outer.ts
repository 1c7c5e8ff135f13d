import type { Mutant } from '../lib/mutant.ts';

/** The simulator, which stands in for the providers, and the command line. */
export const OUTER_MUTANTS: readonly Mutant[] = [
  {
    name: 'simulator/fate-depends-on-the-order',
    rule: 'The same seed gives the same call the same fate, whatever ran before it.',
    file: 'packages/simulator/src/fate.ts',
    find: 'hashUnit(seed, key.text, provider, index)',
    replace: 'hashUnit(seed, struck.size, clock.nowMs(), provider, index)',
    tests: ['packages/simulator/src/fate.test.ts', 'packages/simulator/src/determinism.property.test.ts'],
  },
  {
    name: 'simulator/one-limit-for-all-keys',
    rule: 'A rate limit is that of one credential.',
    file: 'packages/simulator/src/serve.ts',
    find: 'state.limiter(credential)',
    replace: "state.limiter('')",
    tests: ['packages/simulator/src/rate-limiter.test.ts'],
  },
  {
    name: 'simulator/refusals-take-turns',
    rule: 'What does not reach the model takes none of its capacity.',
    file: 'packages/simulator/src/serve.ts',
    find: 'state.queue === null || served.script.head?.status !== 200',
    replace: 'state.queue === null',
    tests: ['packages/simulator/src/call-queue.test.ts'],
  },
  {
    name: 'cli/unknown-cost-summed-as-known',
    rule: 'A sum with an unknown price in it is unknown.',
    file: 'packages/cli/src/summary.ts',
    find: 'costUsd: unpriced > 0 ? null : roundUsd(knownUsd),',
    replace: 'costUsd: roundUsd(knownUsd),',
    tests: ['packages/cli/src/summary.test.ts'],
  },
  {
    name: 'cli/failure-exits-with-zero',
    rule: 'A batch in which a run failed exits with 1.',
    file: 'packages/cli/src/commands/options.ts',
    find: 'return failed + left > 0 ? 1 : 0;',
    replace: 'return 0;',
    tests: ['packages/cli/src/cli.test.ts'],
  },
  {
    name: 'cli/left-alone-exits-with-zero',
    rule: 'Runs that were to go on and did not are no success.',
    file: 'packages/cli/src/commands/options.ts',
    find: 'return failed + left > 0 ? 1 : 0;',
    replace: 'return failed > 0 ? 1 : 0;',
    tests: ['packages/cli/src/journal.test.ts'],
  },
  {
    name: 'cli/terminal-obeys-a-run',
    rule: 'What a run says never steers the terminal.',
    file: 'packages/cli/src/output/text.ts',
    find: "(char === '\\n' ? char : codeOf(char))",
    replace: 'char',
    tests: ['packages/cli/src/output/text.test.ts', 'packages/cli/src/journal.test.ts'],
  },
  {
    name: 'cli/reading-makes-a-file',
    rule: 'Commands that only read make no journal where there is none.',
    file: 'packages/cli/src/journal-file.ts',
    find: 'if (!create) {',
    replace: 'if (create) {',
    tests: ['packages/cli/src/journal.test.ts'],
  },
];
