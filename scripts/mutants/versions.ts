import type { Mutant } from '../lib/mutant.ts';

const RUN = 'packages/engine/src/run';
const MIGRATE = [`${RUN}/migrate.test.ts`];
const FORK = [`${RUN}/fork.test.ts`];

export const VERSION_MUTANTS: readonly Mutant[] = [
  {
    name: 'versions/loses-a-step-in-flight',
    rule: 'A migration that nothing goes on with a step in flight for is refused.',
    file: `${RUN}/transplant.ts`,
    find: 'for (const pending of Object.values(record.pending)) assertGoesOn(pending, transplant);',
    replace: '',
    tests: MIGRATE,
  },
  {
    name: 'versions/starts-again-what-has-ended',
    rule: 'A step or timer that a state had before is not started again in it.',
    file: `${RUN}/transplant.ts`,
    find: 'const before = stayed.has(state.path) ? declared.get(state.path) : undefined;',
    replace: 'const before = declared.get(state.path);',
    tests: MIGRATE,
  },
  {
    name: 'versions/begins-in-a-final-state',
    rule: 'A run does not go over to a state in which it would be over.',
    file: `${RUN}/migrate.ts`,
    find: 'if (isFinal)',
    replace: 'if (false)',
    tests: MIGRATE,
  },
  {
    name: 'versions/any-context-will-do',
    rule: 'The context of a migrated run fits its schema.',
    file: `${RUN}/migrate.ts`,
    find: 'if (!checked.ok) throw new Error(`its context does not fit',
    replace: 'if (false) throw new Error(`its context does not fit',
    tests: MIGRATE,
  },
  {
    name: 'versions/new-steps-are-in-doubt',
    rule: 'A step that a migration starts was not begun by anybody before.',
    file: `${RUN}/driver.ts`,
    find: 'if (pending.wait !== undefined || this.visits.has(pending.token)) continue;',
    replace: 'if (pending.wait !== undefined) continue;',
    tests: MIGRATE,
  },
  {
    name: 'versions/folds-what-came-before',
    rule: 'A fold begins at the newest entry that holds the whole record.',
    file: `${RUN}/replay.ts`,
    find: "entries.findLastIndex(({ event }) => event.type === 'run-adopt')",
    replace: '0',
    tests: MIGRATE,
  },
  {
    name: 'versions/a-fork-undoes-its-source',
    rule: 'A step in flight begins anew in a fork, under a key of its own.',
    file: `${RUN}/fork.ts`,
    find: 'const token = stepToken({ runId, seq: 1 }, invokeId, visit);',
    replace: 'const token = source.token;',
    tests: FORK,
  },
  {
    name: 'versions/a-fork-waits-from-the-start',
    rule: 'A timer of a fork runs for as long as it had left.',
    file: `${RUN}/fork.ts`,
    find: 'restarted(timer, runId, startedEpochMs - atEpochMs)',
    replace: 'restarted(timer, runId, 0)',
    tests: FORK,
  },
  {
    name: 'versions/a-fork-keeps-old-inputs',
    rule: 'A step that begins anew in a fork is given what its mapper makes of the changed context.',
    file: `${RUN}/fork.ts`,
    find: 'return { ...pending, input };',
    replace: 'return pending;',
    tests: FORK,
  },
  {
    name: 'versions/calls-once',
    rule: 'The replay check finds a function that does not give the same again.',
    file: `${RUN}/purity.ts`,
    find: 'JSON.stringify(own(...args)) !== result',
    replace: 'false',
    tests: [`${RUN}/purity.test.ts`],
  },
  {
    name: 'versions/a-change-without-a-name',
    rule: 'What belongs to a part that is gone is not listed beside it.',
    file: 'packages/engine/src/define/shape-changes.ts',
    find: '(own.has(of) && !other.has(of))',
    replace: 'false',
    tests: ['packages/engine/src/define/shape-changes.test.ts'],
  },
];
