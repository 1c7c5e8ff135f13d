import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sqliteJournal } from 'paceline';
import type { SpendEntry, SpendQuery } from '@paceline/gateway';
import { withFolder } from '../durable/folder.ts';
import type { ReportSample, SpendSample } from './sample.ts';

/** Calls that end in one turn of the event loop: as in a process with many runs in flight. */
const PER_TURN = 500;

const DAY_MS = 86_400_000;
const FIRST_MS = 20_000 * DAY_MS;
const DAYS = 30;

const COST_USD = 0.000_427_5;

const calls = Number(process.argv[2] ?? '100000');

/** One of 4 workflows of 5 steps on 4 models, for one of 100 teams; every twentieth is estimated. */
function entryOf(call: number): SpendEntry {
  // Digests scatter evenly, and the same way each time.
  const scattered = hash('sha256', String(call), 'buffer');
  const pick = (at: number, count: number): number => scattered.readUInt16LE(2 * at) % count;
  const [workflow, step, provider, team] = [pick(0, 4), pick(1, 5), pick(2, 4), pick(3, 100)];
  return {
    id: `run-${call}/step-${step}/0/1`,
    atEpochMs: FIRST_MS + Math.floor((call / calls) * DAYS * DAY_MS),
    runId: `run-${call}`,
    workflow: `workflow-${workflow}`,
    step: `step-${step}`,
    turn: 0,
    attempt: 1,
    route: 'reason',
    target: `provider-${provider}/model`,
    provider: `provider-${provider}`,
    model: 'model',
    credential: null,
    tenant: null,
    labels: { team: `team-${team}` },
    outcome: 'ok',
    costUsd: COST_USD,
    costSource: call % 20 === 0 ? 'estimated' : 'computed',
    priceTable: 'prices@1',
    usage: {
      inputTokens: 500,
      cachedInputTokens: 100,
      cacheWriteTokens: 0,
      outputTokens: 50,
      reasoningTokens: 0,
      source: 'reported',
    },
    savedUsd: 0,
  };
}

const REPORTS: Readonly<Record<string, SpendQuery>> = {
  'the total': {},
  'by model': { by: ['model'] },
  'by team and step': { by: ['label:team', 'step'] },
  'by workflow, the last 7 days': {
    by: ['workflow'],
    sinceEpochMs: FIRST_MS + (DAYS - 7) * DAY_MS + 1_234,
  },
};

const sample = await withFolder(async (folder): Promise<SpendSample> => {
  const path = join(folder, 'runs.db');
  const first = sqliteJournal({ path });
  const startedMs = performance.now();
  for (let call = 0; call < calls; call++) {
    first.ledger.spend.settle(entryOf(call));
    if (call % PER_TURN === PER_TURN - 1) await nextTurn();
  }
  await first.close();
  const bookUsPerCall = ((performance.now() - startedMs) * 1_000) / calls;

  const journal = sqliteJournal({ path });
  const { spend } = journal.ledger;
  const reports: ReportSample[] = [];
  for (const [name, query] of Object.entries(REPORTS)) {
    const hold = watchTurns();
    const fromMs = performance.now();
    const rows = await spend.report(query);
    const ms = performance.now() - fromMs;
    reports.push({ name, rows: rows.length, ms, heldMs: await hold.longestMs() });
  }
  const [total] = await spend.report({});
  const exactUsd = Number((BigInt(calls) * 427_500_000n).toString() + 'e-12');
  if (total?.usd !== exactUsd) throw new Error(`Expected ${exactUsd} US dollars, got ${total?.usd}`);
  const keys = (await spend.report({ by: ['workflow', 'step', 'model', 'label:team'] })).reduce(
    (count, { sources }) => count + Object.values(sources).filter((each) => each.attempts > 0).length,
    0,
  );
  await journal.close();
  return { calls, keys, bookUsPerCall, bytesPerCall: statSync(path).size / calls, reports };
});
console.log(JSON.stringify(sample));

/** Measures how far the turns of the event loop are apart, from now on until it is asked. */
function watchTurns() {
  const watch = { longestMs: 0, over: false };
  const watching = (async () => {
    let lastMs = performance.now();
    while (!watch.over) {
      await nextTurn();
      watch.longestMs = Math.max(watch.longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }
  })();
  return {
    async longestMs(): Promise<number> {
      watch.over = true;
      await watching;
      return watch.longestMs;
    },
  };
}
