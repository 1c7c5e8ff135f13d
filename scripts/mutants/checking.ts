import type { Mutant } from '../lib/mutant.ts';

const ENGINE = 'packages/engine/src';
const CLI = 'packages/cli/src';

/** Looking ahead: learned times that last, runs refused before their first step, checks and predictions. */
export const CHECKING_MUTANTS: readonly Mutant[] = [
  {
    name: 'checking/learned-times-written-with-every-commit',
    rule: 'Samples go along with a transaction every five seconds at most.',
    file: `${ENGINE}/journal/sqlite/latency-table.ts`,
    find: 'const WRITE_EVERY_MS = 5_000;',
    replace: 'const WRITE_EVERY_MS = 0;',
    tests: [`${ENGINE}/journal/sqlite/latency-table.test.ts`],
  },
  {
    name: 'checking/the-last-process-wins',
    rule: 'Each process adds its samples to those of the others.',
    file: `${ENGINE}/journal/sqlite/latency-table.ts`,
    find: '[...this.samplesOf(key), ...samples].slice(-KEPT_SAMPLES)',
    replace: 'samples.slice(-KEPT_SAMPLES)',
    tests: [`${ENGINE}/journal/sqlite/latency-table.test.ts`],
  },
  {
    name: 'checking/a-broken-latency-table-stops-the-runs',
    rule: 'Learned times never keep a run from being recorded.',
    file: `${ENGINE}/journal/sqlite/latency-table.ts`,
    find: 'if (!this.db.isTransaction) throw error;',
    replace: 'throw error;',
    tests: [`${ENGINE}/journal/sqlite/latency-table.test.ts`],
  },
  {
    name: 'checking/branches-refuse-runs',
    rule: 'A step that only some branch needs keeps no run back.',
    file: `${ENGINE}/define/needed-steps.ts`,
    find: 'cheapest(points, without.get(step) ?? all) === NO_WAY',
    replace: 'step !== invokeId',
    tests: [`${ENGINE}/define/needed-steps.test.ts`, `${ENGINE}/run/outlook.test.ts`],
  },
  {
    name: 'checking/refused-for-ever',
    rule: 'What was refused for what was learned is tried again every ten seconds.',
    file: `${ENGINE}/run/probes.ts`,
    find: 'return lastMs !== undefined;',
    replace: 'return false;',
    tests: [`${ENGINE}/run/probes.test.ts`, `${ENGINE}/run/outlook.test.ts`],
  },
  {
    name: 'checking/begins-what-cannot-fit',
    rule: 'A run whose path usually takes longer than it may is not begun.',
    file: `${ENGINE}/run/outlook.ts`,
    find: 'if (wholeMs <= leftMs) return null;',
    replace: 'if (wholeMs > 0) return null;',
    tests: [`${ENGINE}/run/outlook.test.ts`],
  },
  {
    name: 'checking/a-denied-target-is-usable',
    rule: 'A target that is put aside beyond the deadline is of no use.',
    file: 'packages/gateway/src/usable.ts',
    find: 'bar !== null && bar.forMs > withinMs',
    replace: 'bar !== null && bar.forMs < 0',
    tests: ['packages/gateway/src/usable.test.ts'],
  },
  {
    name: 'checking/loops-without-a-word',
    rule: 'A loop that no step bounds is found, also where another way round is bounded.',
    file: `${ENGINE}/check/loops.ts`,
    find: 'if (!shut.has(to)) reached.add(to);',
    replace: 'if (shut.size === 0) reached.add(to);',
    tests: [`${ENGINE}/check/check-workflow.test.ts`],
  },
  {
    name: 'checking/the-model-holds-nothing-back',
    rule: 'The prediction keeps to the limits that the engine sets its steps.',
    file: `${CLI}/simulate/walk.ts`,
    find: 'leftMs - settleMs - FLOOR_SHARE * laterMs',
    replace: 'leftMs - settleMs',
    tests: [`${CLI}/simulate/walk.test.ts`],
  },
  {
    name: 'checking/the-model-never-fails-over',
    rule: 'The prediction goes on to the next target after a failure.',
    file: `${CLI}/simulate/draw-call.ts`,
    find: 'else lineup.push(failed);',
    replace: 'else lineup.unshift(failed);',
    tests: [`${CLI}/simulate/draw-call.test.ts`, `${CLI}/simulate/predict.test.ts`],
  },
];
