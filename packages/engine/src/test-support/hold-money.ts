import { writeSync } from 'node:fs';
import { entryOf } from '../conformance/spend-entries.ts';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';

/** A process that holds money for one attempt after the other, settles every other one, and says what is held; until it is killed. */

const HELD_USD = 0.01;
const COST_USD = 0.004;
const STDOUT = 1;

const [path = '', atText = '', expiresText = ''] = process.argv.slice(2);
const { spend } = sqliteJournal({ path }).ledger;

for (let number = 0; ; number++) {
  const entry = entryOf({ id: `attempt-${number}`, atEpochMs: Number(atText), costUsd: COST_USD });
  const use = { cap: 'all', value: '', window: { type: 'always' }, limitUsd: 1_000 } as const;
  const expiresAtEpochMs = Number(expiresText);
  const reserved = await spend.reserve({
    attempt: entry,
    usd: HELD_USD,
    priced: true,
    uses: [use],
    expiresAtEpochMs,
  });
  if (!reserved.ok) throw new Error('There was no room.');
  writeSync(STDOUT, `held ${number}\n`);
  if (number % 2 === 1) spend.settle(entry);
}
