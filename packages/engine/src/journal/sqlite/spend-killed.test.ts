import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask } from '../../conformance/spend-caps-conformance.ts';
import { sqliteJournal } from './sqlite-journal.ts';

const WORKER = join(import.meta.dirname, '../../test-support/hold-money.ts');
const HELD_USD = 0.01;
const COST_USD = 0.004;
const COUNTER = { cap: 'all', value: '', window: { type: 'always' } } as const;

const clock = createVirtualClock();
const now = clock.epochMs();
const expiresAt = now + 60_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-killed-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** @returns how many holds the process was told of before it was killed */
async function killAfter(holds: number, path: string): Promise<number> {
  const worker = spawn(process.execPath, [WORKER, path, String(now), String(expiresAt)]);
  const ended = once(worker, 'exit');
  let told = 0;
  for await (const line of createInterface(worker.stdout)) {
    if (line.startsWith('held ')) told++;
    if (told >= holds) worker.kill('SIGKILL');
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
  return told;
}

test.each([1, 2, 25])('a process that is killed after %i holds loses none and leaves none', async (holds) => {
  const path = join(folder, 'runs.db');
  const told = await killAfter(holds, path);

  const journal = sqliteJournal({ path, clock });
  const { spend } = journal.ledger;
  const left = spend.standing(COUNTER, now);
  const settled = Math.round(left.spentUsd / COST_USD);
  const made = settled + Math.round(left.heldUsd / HELD_USD);
  expect(left.spentUsd).toBeCloseTo(settled * COST_USD, 12);
  expect(made - told).toBeGreaterThanOrEqual(0);
  expect(made - told).toBeLessThanOrEqual(1);

  // Whoever comes next when their time is up finds them spent.
  const uses = [{ ...COUNTER, limitUsd: 1_000 }];
  await clock.run(ask(spend, 'next', { usd: 0, at: expiresAt, expiresAt: expiresAt + 60_000, uses }));
  const after = spend.standing(COUNTER, expiresAt);
  expect(after.heldUsd).toBe(0);
  expect(after.spentUsd).toBeCloseTo(settled * COST_USD + (made - settled) * HELD_USD, 12);
  await journal.close();
});
