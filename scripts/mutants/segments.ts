import type { Mutant } from '../lib/mutant.ts';

const STORE = 'packages/engine/src/journal/sqlite';
const SEGMENTS = [`${STORE}/segments.test.ts`];
const GROUP = [`${STORE}/group-commit.test.ts`];

/** Where a run's entries stand in the file, and when they are written. */
export const SEGMENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'durable/skips-a-segment',
    rule: 'The audit reads every entry.',
    file: `${STORE}/reader.ts`,
    find: 'if (at.chain !== sealed.chain)',
    replace: 'if (false)',
    tests: SEGMENTS,
  },
  {
    name: 'durable/reads-no-first-segment',
    rule: 'Recovery sees that a run begins as it was begun.',
    file: `${STORE}/damage.ts`,
    find: 'firstSeq === null\n      ? tail',
    replace: 'true\n      ? tail',
    tests: SEGMENTS,
  },
  {
    name: 'durable/seals-for-a-former-owner',
    rule: 'A commit that the fence refuses moves no entries.',
    file: `${STORE}/statements.ts`,
    find: 'WHERE run = ?2 AND epoch = ?3 AND seq',
    replace: 'WHERE run = ?2 AND ?3 IS NOT NULL AND seq',
    tests: SEGMENTS,
  },
  {
    name: 'durable/row-grows-with-the-run',
    rule: 'The row of a long run stays on a page.',
    file: `${STORE}/writer.ts`,
    find: 'const LONGEST_ROW = 3_500;',
    replace: 'const LONGEST_ROW = 35_000;',
    tests: SEGMENTS,
  },
  {
    name: 'durable/seals-crumbs',
    rule: 'Where the state alone is long, a segment holds more than an entry.',
    file: `${STORE}/writer.ts`,
    find: 'const SHORTEST_SEGMENT = 1_000;',
    replace: 'const SHORTEST_SEGMENT = 1;',
    tests: SEGMENTS,
  },
  {
    name: 'durable/believes-any-long-event',
    rule: 'A long event is what its entry names.',
    file: `${STORE}/payload.ts`,
    find: "row !== undefined && hash('sha256', row.text) === key",
    replace: 'row !== undefined',
    tests: SEGMENTS,
  },
  {
    name: 'durable/keeps-long-events-for-ever',
    rule: 'A long event goes with the last run that names it.',
    file: `${STORE}/statements.ts`,
    find: "'DELETE FROM entry_payload WHERE run = ?'",
    replace: "'DELETE FROM entry_payload WHERE run = -?'",
    tests: SEGMENTS,
  },
  {
    name: 'durable/keeps-the-event-loop',
    rule: 'A lone run lets the rest of the process have its turn.',
    file: `${STORE}/group-commit.ts`,
    find: ' && clock.nowMs() - this.turnBeganMs < LONGEST_TURN_MS',
    replace: '',
    tests: GROUP,
  },
  {
    name: 'durable/commits-before-the-group-is-there',
    rule: 'Several runs share one commit in each turn.',
    file: `${STORE}/group-commit.ts`,
    find: 'isAlone() && this.inTurn',
    replace: 'this.inTurn',
    tests: GROUP,
  },
];
