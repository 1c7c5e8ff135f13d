import type { Mutant } from '../lib/mutant.ts';

const SRC = 'packages/engine/src';
const STORE = [`${SRC}/journal/sqlite/sqlite-journal.test.ts`];
const RECOVERY = [`${SRC}/run/recover.test.ts`];

export const DURABLE_MUTANTS: readonly Mutant[] = [
  {
    name: 'durable/told-before-it-is-durable',
    rule: 'Nobody hears of a write that was not committed.',
    file: `${SRC}/journal/sqlite/group-commit.ts`,
    find: "prepare('COMMIT');",
    replace: "prepare('ROLLBACK');",
    tests: STORE,
  },
  {
    name: 'durable/takes-a-former-owner',
    rule: 'A commit under an older fence is refused.',
    file: `${SRC}/journal/sqlite/statements.ts`,
    find: 'AND epoch = ?4',
    replace: 'AND ?4 IS NOT NULL',
    tests: STORE,
  },
  {
    name: 'durable/robs-a-living-owner',
    rule: 'A run stays with its owner while that is alive.',
    file: `${SRC}/journal/sqlite/sqlite-journal.ts`,
    find: 'if (this.owner.isAlive(row.owner)) {',
    replace: 'if (false) {',
    tests: STORE,
  },
  {
    name: 'durable/notes-no-anchor',
    rule: 'What SQLite drops from the end of its log is missed.',
    file: `${SRC}/journal/sqlite/sqlite-journal.ts`,
    find: 'this.anchor.note(this.places);',
    replace: '',
    tests: STORE,
  },
  {
    name: 'durable/believes-damaged-rows',
    rule: 'A run whose rows are not what was written is never used.',
    file: `${SRC}/journal/sqlite/damage.ts`,
    find: 'if (!intact)',
    replace: 'if (false)',
    tests: STORE,
  },
  {
    name: 'durable/repeats-what-takes-effect-once',
    rule: 'A `once` step that was begun before is not run again.',
    file: `${SRC}/run/code-step.ts`,
    find: "if (run.inDoubt && effect === 'once') {",
    replace: 'if (false) {',
    tests: RECOVERY,
  },
  {
    name: 'durable/forgets-timers',
    rule: 'A recovered run keeps its timers.',
    file: `${SRC}/run/driver.ts`,
    find: 'if (!this.timers.has(timer.token)) this.startTimer(timer);',
    replace: '',
    tests: RECOVERY,
  },
  {
    name: 'durable/lying-still-is-free',
    rule: 'The time a run lay still counts against its deadline.',
    file: `${SRC}/run/run.ts`,
    find: 'Math.max(lastEpochMs, host.clock.epochMs())',
    replace: 'lastEpochMs',
    tests: RECOVERY,
  },
  {
    name: 'durable/a-clock-that-went-back-gives-time',
    rule: 'A wall clock that went back does not lengthen a deadline.',
    file: `${SRC}/run/run.ts`,
    find: 'Math.max(lastEpochMs, host.clock.epochMs())',
    replace: 'host.clock.epochMs()',
    tests: RECOVERY,
  },
  {
    name: 'durable/goes-on-with-another-workflow',
    rule: 'A run goes on under another definition only where that declares a migration.',
    file: `${SRC}/run/recover.ts`,
    find: 'if (record.workflowHash === workflowInfo(workflow).hash) return undefined;',
    replace: 'return undefined;',
    tests: RECOVERY,
  },
];
