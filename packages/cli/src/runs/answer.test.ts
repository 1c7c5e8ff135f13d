import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSimulator } from '@paceline/simulator';
import { createEngine, createGateway, sqliteJournal } from 'paceline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../cli.ts';
import desk from '../test-support/flows/desk.ts';
import { testIo } from '../test-support/io.ts';

const cwd = fileURLToPath(new URL('../test-support/flows', import.meta.url));

let folder: string;
let db: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-answer-'));
  db = join(folder, 'runs.db');
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true });
});

async function paceline(...args: readonly string[]) {
  const io = testIo({ cwd });
  const exit = await main([...args, '--journal', db], io);
  return { code: exit, out: io.out(), err: io.err() };
}

/** A process of its own, as far as the journal can tell, whose run waits for a yes. */
async function owner() {
  const latency = { firstTokenMs: { p50: 1, p95: 1 }, tokensPerSecond: 100_000 };
  const simulator = createSimulator({
    seed: 1,
    scenario: { providers: { openai: { wire: 'openai', latency } } },
  });
  const gateway = createGateway({
    roles: { execute: ['openai/gpt-5-mini'] },
    providers: simulator.providers(),
    fetch: simulator.fetch,
    simulated: true,
  });
  const journal = sqliteJournal({ path: db });
  const engine = createEngine({ gateway, journal });
  const run = engine.start(desk, { text: 'Pay it back.' }, { runId: 'desk-1' });
  run.result.catch(() => {});
  const asks = async (what: string) =>
    expect
      .poll(async () => Object.values((await journal.load('desk-1'))?.pending ?? {})[0]?.wait?.type)
      .toBe(what);
  await asks('approval');
  closing.push(async () => {
    await engine.close({ unfinished: 'leave' });
    await gateway.close();
    await journal.close();
  });
  return { run, asks, journal };
}

test('a call is shown, allowed, and the doubt that follows is ended', async () => {
  const { run, asks } = await owner();
  const shown = await paceline('runs', 'show', 'desk-1');
  expect(shown.out).toMatch(/waits for\s+act: approve pay \{"note":".*"\} \(call .*\)\?/);
  expect(shown.out).toMatch(/act\s+1\s+waiting/);

  const allowed = await paceline('runs', 'approve', 'desk-1', '--by', 'ann');
  expect(allowed.out).toBe('desk-1: taken.\n');
  expect(allowed.err).toMatch(/^act: approve pay /);
  expect(allowed.code).toBe(0);

  await asks('uncertain');
  const misfit = await paceline('runs', 'resolve', 'desk-1', '--as', 'done', '--output', '{"chargeId": 7}');
  expect(misfit.out).toBe('desk-1: did not take it. The process that works on it says why.\n');
  expect(misfit.code).toBe(1);
  const args = ['--step', 'charge', '--as', 'done', '--output', '{"chargeId":"ch-1"}', '--id', 'm1'];
  const done = await paceline('runs', 'resolve', 'desk-1', ...args);
  expect(done.err).toBe('charge: did it take effect?\n');
  expect(done.out).toBe('desk-1: taken.\n');
  expect(await run.result).toMatchObject({ status: 'succeeded' });

  const after = await paceline('runs', 'show', 'desk-1');
  expect(after.out).toMatch(/\(asked\) act\s+1\s+done.*approved by ann {2}approve pay /);
  expect(after.out).toMatch(
    /\(asked\) charge\s+1\s+done.*done \{"chargeId":"ch-1"\} {2}did it take effect\?/,
  );
  const events = await paceline('runs', 'events', 'desk-1');
  expect(events.out).toMatch(/step-wait +act\/1 {2}approve pay/);
  expect(events.out).toMatch(/step-answer +act\/1 {2}approved by ann/);
});

test('a call is refused, and the model told why', async () => {
  const { asks, journal } = await owner();
  const refused = await paceline('runs', 'reject', 'desk-1', '--reason', 'Too much.');
  expect(refused.code).toBe(0);
  await asks('uncertain');
  const events = await paceline('runs', 'events', 'desk-1');
  expect(events.out).toContain('rejected: Too much.');
  await paceline('runs', 'resolve', 'desk-1', '--as', 'failed');
  await expect.poll(async () => (await journal.load('desk-1'))?.status).toBe('degraded');
  const late = await paceline('runs', 'resolve', 'desk-1', '--as', 'failed');
  expect(late.err).toContain('Run desk-1 has ended: degraded.');
  expect(late.code).toBe(2);
});

test.each([
  [
    'another question',
    ['resolve', 'desk-1', '--as', 'failed'],
    'does not wait for that. It waits for:\n  act: approve',
  ],
  ['another call', ['approve', 'desk-1', '--tool-call', 'other'], 'does not wait for that.'],
  ['another step', ['reject', 'desk-1', '--step', 'charge'], 'does not wait for that.'],
])('an answer to %s is not sent: exit code 2', async (_, args, text) => {
  await owner();
  const { code, err } = await paceline('runs', ...args);
  expect(err).toContain(text);
  expect(code).toBe(2);
});

test('what it gave has to be JSON', async () => {
  await owner();
  const { code, err } = await paceline('runs', 'resolve', 'desk-1', '--as', 'done', '--output', 'ch-1');
  expect(err).toContain('What it gave is not JSON');
  expect(code).toBe(2);
});
