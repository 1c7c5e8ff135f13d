import type { Mutant } from '../lib/mutant.ts';

const SRC = 'packages/engine/src';
const SEEDS = ['chaos/simulate/simulate.test.ts'];

/** What random worlds have to find by themselves. */
export const SIMULATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'simulation/forgets-who-owns',
    rule: 'A former owner writes nothing (I2).',
    file: `${SRC}/journal/memory-store.ts`,
    find: 'if (!isNext || run.epoch !== epoch) {',
    replace: 'if (!isNext) {',
    tests: SEEDS,
  },
  {
    name: 'simulation/repeats-what-takes-effect-once',
    rule: 'What takes effect once and is in doubt is not done again (I2).',
    file: `${SRC}/run/code-step.ts`,
    find: "if (run.inDoubt && effect === 'once') {",
    replace: 'if (false) {',
    tests: SEEDS,
  },
  {
    name: 'simulation/gives-time-on-restart',
    rule: 'A restart gives a run no time (I4).',
    file: `${SRC}/run/run.ts`,
    find: 'Math.max(lastEpochMs, host.clock.epochMs())',
    replace: 'startedEpochMs',
    tests: SEEDS,
  },
  {
    name: 'simulation/waiting-gives-too-much',
    rule: 'The simulation sees a deadline that moves by more than a run has waited.',
    file: `${SRC}/run/waiting.ts`,
    find: 'const ms = Math.max(0, nowEpochMs - waiting.sinceEpochMs);',
    replace: 'const ms = 2 * Math.max(0, nowEpochMs - waiting.sinceEpochMs);',
    tests: SEEDS,
  },
];
