import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine, createGateway, sqliteJournal } from 'paceline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../cli.ts';
import letter from '../test-support/flows/letter.ts';
import { testIo } from '../test-support/io.ts';
import type { Io } from '../io.ts';

const cwd = fileURLToPath(new URL('../test-support/flows', import.meta.url));

let folder: string;
let db: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-tell-'));
  db = join(folder, 'runs.db');
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true });
});

async function paceline(args: readonly string[], overrides: Partial<Io> = {}) {
  const io = testIo({ cwd, ...overrides });
  const exit = await main([...args, '--journal', db], io);
  return { code: exit, out: io.out(), err: io.err() };
}

const paceLines = async (...args: readonly string[]) =>
  (await paceline([...args, '--json'])).out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** A process of its own, as far as the journal can tell, whose run waits for an approval. */
async function owner(runId = 'letter-1') {
  const journal = sqliteJournal({ path: db });
  const gateway = createGateway({ roles: {} });
  const engine = createEngine({ gateway, journal });
  const run = engine.start(letter, { text: 'hello' }, { runId });
  run.result.catch(() => {});
  await expect.poll(async () => (await journal.load(runId))?.seq).toBe(2);
  const close = async () => {
    await engine.close({ unfinished: 'leave' });
    await gateway.close();
    await journal.close();
  };
  closing.push(close);
  return { run, journal, close };
}

describe('a run that another process works on', () => {
  test('takes a signal, and the command says so', async () => {
    const { run } = await owner();
    expect((await paceline(['runs', 'show', 'letter-1'])).out).toMatch(/^status +running$/m);
    const { code, out } = await paceline(['runs', 'signal', 'letter-1', 'approve', '{"by": "ann"}']);
    expect(out).toBe('letter-1: taken.\n');
    expect(code).toBe(0);
    expect(await run.result).toMatchObject({ status: 'succeeded', output: { sent: 'hello' } });
  });

  test('is named by the beginning of its id, if that is enough', async () => {
    const { run } = await owner('letter-a1');
    const other = await owner('letter-b1');
    const several = await paceline(['runs', 'cancel', 'letter']);
    expect(several.err).toMatch(/2 runs begin with letter: letter-a1, letter-b1\. Type more of it\./);
    expect(several.code).toBe(2);
    const short = await paceline(['runs', 'cancel', 'let']);
    expect(short.code).toBe(2);
    const { out, code } = await paceline(['runs', 'cancel', 'letter-a', '--reason', 'No more.']);
    expect(out).toBe('letter-a1: cancelled.\n');
    expect(code).toBe(0);
    expect(await run.result).toMatchObject({ status: 'cancelled', error: { message: 'No more.' } });
    await other.close();
  });

  test('keeps what no state takes yet, and does not take the same thing twice', async () => {
    await owner();
    expect(await paceLines('runs', 'signal', 'letter-1', 'withdraw', '--id', 'm1')).toEqual([
      { runId: 'letter-1', type: 'signal', id: 'm1', receipt: 'waiting', status: 'running', attended: true },
    ]);
    expect(await paceLines('runs', 'signal', 'letter-1', 'withdraw', '--id', 'm1')).toMatchObject([
      { receipt: 'repeated' },
    ]);
    const text = await paceline(['runs', 'signal', 'letter-1', 'withdraw', '--id', 'm2']);
    expect(text.out).toBe('letter-1: recorded; no state takes it yet.\n');
    const again = await paceline(['runs', 'signal', 'letter-1', 'withdraw', '--id', 'm2']);
    expect(again.out).toBe('letter-1: was sent before; it is not taken again.\n');
  });

  test.each([
    ['a name', 'aprove', '{"by": "ann"}'],
    ['a payload', 'approve', '{"by": 7}'],
  ])('refuses %s that does not fit: exit code 1', async (_, name, payload) => {
    const { run } = await owner();
    const { code, out } = await paceline(['runs', 'signal', 'letter-1', name, payload]);
    expect(out).toBe('letter-1: did not take it. The process that works on it says why.\n');
    expect(code).toBe(1);
    run.cancel();
    await run.result;
  });
});

describe('a run that nobody works on', () => {
  test('takes a signal when it is resumed', async () => {
    const { close } = await owner();
    await close();
    const { out, code } = await paceline(['runs', 'signal', 'letter-1', 'approve', '{"by":"ann"}']);
    expect(out).toBe('letter-1: recorded; nobody works on it, so it will be taken by `paceline resume`.\n');
    expect(code).toBe(0);
    const shown = await paceline(['runs', 'show', 'letter-1']);
    expect(shown.out).toMatch(/^status +running, but nobody works on it$/m);
    expect(shown.out).toMatch(/^not taken +1 of what it was told$/m);
    const resumed = await paceline(['resume', 'letter.ts', 'letter-1']);
    expect(resumed.out).toBe('{\n  "sent": "hello"\n}\n');
  });

  test('ends as cancelled when it is resumed', async () => {
    await (await owner()).close();
    expect(await paceLines('runs', 'cancel', 'letter-1')).toMatchObject([
      { type: 'cancel', receipt: 'recorded', status: 'running', attended: false },
    ]);
    expect((await paceline(['resume', 'letter.ts', '--all'])).code).toBe(1);
    expect(await paceLines('runs', 'list')).toMatchObject([{ status: 'cancelled' }]);
    const late = await paceline(['runs', 'signal', 'letter-1', 'withdraw']);
    expect(late.err).toBe('paceline: Run letter-1 has ended: cancelled. It takes nothing any more.\n');
    expect(late.code).toBe(2);
  });
});

test('what a signal carries has to be JSON', async () => {
  const { code, err } = await paceline(['runs', 'signal', 'letter-1', 'approve', 'ann']);
  expect(err).toMatch(
    /^paceline: What the signal carries is not JSON .* A string needs its quotes: '"hello"'/,
  );
  expect(code).toBe(2);
});

describe('events --follow', () => {
  test('goes on with each entry to the end of the run, from a cursor on', async () => {
    const { run } = await owner();
    const followed = paceline(['runs', 'events', 'letter-1', '--follow', '--after', '1', '--json']);
    expect((await paceline(['runs', 'signal', 'letter-1', 'approve', '{"by":"ann"}'])).code).toBe(0);
    const { out, code } = await followed;
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; event: { type: string } });
    expect(events.map(({ seq, event }) => `${seq} ${event.type}`)).toEqual([
      '2 step-done',
      '3 signal',
      '4 timer-due',
    ]);
    expect(code).toBe(0);
    await run.result;
    const after = await paceline(['runs', 'events', 'letter-1', '--after', '3']);
    expect(after.out).toMatch(/^ +4 .* timer-due .*\n$/);
  });

  test('ends with Ctrl-C', async () => {
    const { run } = await owner();
    const io = testIo({ cwd });
    const followed = main(['runs', 'events', 'letter-1', '--follow', '--journal', db], io);
    await expect.poll(() => io.out()).toContain('step-done');
    io.interrupt();
    expect(await followed).toBe(130);
    expect(io.listening()).toBe(false);
    run.cancel();
    await run.result;
  });
});

test('prune counts, and forgets only when it is told so', async () => {
  const { run, close } = await owner();
  await owner('letter-2');
  run.cancel();
  await run.result;
  await close();
  const prune = (...more: readonly string[]) => paceLines('runs', 'prune', '--ended-before', ...more);
  expect(await prune('1h')).toMatchObject([{ runs: 0, forgotten: false }]);
  await expect.poll(() => prune('1ms')).toMatchObject([{ runs: 1, forgotten: false }]);
  const text = await paceline(['runs', 'prune', '--ended-before', '1ms']);
  expect(text.out).toMatch(/^Runs that ended before .* UTC: 1\. --yes forgets them\.\n$/);
  expect(await paceLines('runs', 'list')).toHaveLength(2);
  expect(await prune('1ms', '--yes')).toMatchObject([{ runs: 1, forgotten: true }]);
  expect(await paceLines('runs', 'list')).toMatchObject([{ runId: 'letter-2', status: 'running' }]);
  expect((await paceline(['runs', 'prune', '--ended-before', '30'])).err).toContain('30d');
});
