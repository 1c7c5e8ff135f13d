import { writeSync } from 'node:fs';
import type { SpendIdentity } from '@paceline/gateway';
import { sqliteJournal } from '../journal/sqlite/sqlite-journal.ts';

/** A process that holds money for one attempt after the other, settles every other one, and says what is held; until it is killed. */

const HELD_USD = 0.01;
const END = {
  outcome: 'ok',
  costUsd: 0.004,
  costSource: 'computed',
  priceTable: null,
  usage: null,
  savedUsd: null,
} as const;
const STDOUT = 1;

const [path = '', atText = '', expiresText = ''] = process.argv.slice(2);
const { spend } = sqliteJournal({ path }).ledger;

for (let number = 0; ; number++) {
  const attempt = attemptOf(number);
  const use = { cap: 'all', value: '', window: { type: 'always' }, limitUsd: 1_000 } as const;
  const expiresAtEpochMs = Number(expiresText);
  const reserved = await spend.reserve({
    attempt,
    usd: HELD_USD,
    priced: true,
    uses: [use],
    expiresAtEpochMs,
  });
  if (!reserved.ok) throw new Error('There was no room.');
  writeSync(STDOUT, `held ${number}\n`);
  if (number % 2 === 1) spend.settle({ ...attempt, ...END });
}

function attemptOf(number: number): SpendIdentity {
  return {
    id: `attempt-${number}`,
    atEpochMs: Number(atText),
    runId: 'run-1',
    workflow: 'support',
    step: 'triage',
    turn: number,
    attempt: 1,
    route: 'classify',
    target: 'openai/gpt-5-mini',
    provider: 'openai',
    model: 'gpt-5-mini',
    credential: null,
    tenant: null,
    labels: {},
  };
}
