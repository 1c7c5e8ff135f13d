import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { code, createEngine, createGateway, setupWorkflow, sqliteJournal } from 'paceline';
import type { Workflow } from 'paceline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { main } from './cli.ts';
import echo from './test-support/flows/echo.ts';
import { testIo } from './test-support/io.ts';
import type { Io } from './io.ts';

const cwd = fileURLToPath(new URL('test-support/flows', import.meta.url));

let folder: string;
let db: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-journal-'));
  db = join(folder, 'runs.db');
});
afterEach(() => rm(folder, { recursive: true }));

async function paceline(args: readonly string[], overrides: Partial<Io> = {}) {
  const io = testIo({ cwd, ...overrides });
  const exit = await main([...args, '--journal', db], io);
  return { code: exit, io, lines: () => linesOf(io.out()) };
}

function linesOf(out: string): Record<string, unknown>[] {
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const say = (text: string, ...more: readonly string[]) =>
  paceline(['run', 'echo.ts', '--input', JSON.stringify({ text }), '--json', ...more]);

/** Leaves a run behind as a killed process does: begun, its first step in flight. Its timers die with the clock. */
async function leaveBehind(
  workflow: Workflow<never>,
  input: unknown,
  clock = createVirtualClock({ epochMs: systemClock.epochMs() }),
): Promise<string> {
  const journal = sqliteJournal({ path: db, clock });
  const never = new Promise<never>(() => {});
  const begun = Promise.withResolvers<string>();
  const engine = createEngine({
    gateway: createGateway({ roles: {}, clock }),
    clock,
    journal: {
      create: async (batch) => {
        const fence = await journal.create(batch);
        begun.resolve(fence.runId);
        return fence;
      },
      commit: () => never,
      load: (runId) => journal.load(runId),
      entries: (runId) => journal.entries(runId),
      claim: () => never,
      list: (filter) => journal.list(filter),
      release: (fence) => journal.release(fence),
      shapes: journal.shapes,
      inbox: journal.inbox,
      close: () => journal.close(),
    },
  });
  engine.start(workflow, input as never);
  const runId = await clock.run(begun.promise);
  await journal.close();
  return runId;
}

/** Of the id `echo`, but another one, or of an id of its own. */
function another(id: string): Workflow<never> {
  const Nothing = z.object({});
  const step = code({ input: Nothing, output: Nothing, effect: 'pure', run: () => ({}) });
  const invoke = { id: 'say', src: 'say', input: {}, onDone: 'done', onError: 'done' } as const;
  return setupWorkflow({
    id,
    input: z.object({ text: z.string() }),
    output: Nothing,
    context: Nothing,
    budget: { totalMs: 60_000 },
    steps: { say: step },
  }).createMachine({
    context: {},
    initial: 'saying',
    states: { saying: { invoke }, done: { type: 'final' } },
    output: {},
  }) as never;
}

describe('runs that are recorded', () => {
  test('are listed, the latest first, by status and workflow', async () => {
    for (const text of ['one', 'degrade', 'fail']) await say(text);
    const all = (await paceline(['runs', 'list', '--json'])).lines();
    expect(all.map(({ status }) => status)).toEqual(['failed', 'degraded', 'succeeded']);
    const degraded = await paceline(['runs', 'list', '--status', 'degraded']);
    expect(degraded.io.out()).toMatch(
      /^run +workflow +status +started +entries\nrun_\w+ +echo +degraded +\S+ \S+ UTC +2\n$/,
    );
    expect((await paceline(['runs', 'list', '--workflow', 'other'])).io.out()).toBe('No runs.\n');
    const latest = await paceline(['runs', 'list', '--limit', '2', '--json']);
    expect(latest.lines()).toEqual(all.slice(0, 2));
    expect(latest.io.err()).toBe('The latest 2; there are more, and --limit shows them.\n');
  });

  test('are shown with their steps and what was left of the deadline', async () => {
    await say('hello', '--label', 'team=cx');
    const [run] = (await paceline(['runs', 'list', '--json'])).lines();
    const { io, code: exit } = await paceline(['runs', 'show', String(run?.['runId'])]);
    expect(io.out()).toMatch(/^status +succeeded$/m);
    expect(io.out()).toMatch(/^labels +team=cx$/m);
    expect(io.out()).toMatch(/^output +\{"said":"hello"\}$/m);
    expect(io.out()).toMatch(/^ *\d+ ms +\d+ ms +say +1 +done +.* left$/m);
    expect(exit).toBe(0);

    const shown = await paceline(['runs', 'show', String(run?.['runId']), '--json']);
    expect(shown.lines()[0]).toMatchObject({
      status: 'succeeded',
      input: { text: 'hello', times: 1 },
      endedEpochMs: expect.any(Number),
      timeline: [{ kind: 'step', name: 'say', visit: 1, result: 'done' }],
    });
  });

  test('that other runs started stand with those', async () => {
    const input = JSON.stringify({ texts: ['one', 'fail'] });
    expect((await paceline(['run', 'crowd.ts', '--input', input, '--json'])).code).toBe(0);
    const [run, ...others] = (await paceline(['runs', 'list', '--json'])).lines();
    expect([run?.['workflowId'], others]).toEqual(['crowd', []]);
    const all = (await paceline(['runs', 'list', '--json', '--all'])).lines();
    expect(all.map(({ workflowId, status }) => `${workflowId} ${status}`)).toEqual([
      'echo failed',
      'echo succeeded',
      'crowd succeeded',
    ]);
    // The beginning of its name is enough: those of its children begin the same.
    const runId = String(run?.['runId']);
    const { io } = await paceline(['runs', 'show', runId.slice(0, -1)]);
    expect(io.out()).toMatch(/ each\[0\] +1 +done /m);
    expect(io.out()).toMatch(/ each\[1\] +1 +failed .*OUTPUT_INVALID: /m);
    expect(io.out()).toMatch(/ each +1 +done /m);
    expect(io.out()).toMatch(
      /\nchild runs\n {2}run_\w+\.each\.1\.0 +echo +succeeded\n {2}\S+\.1 +echo +failed\n$/,
    );
    const events = await paceline(['runs', 'events', runId]);
    expect(events.io.out()).toMatch(/step-progress +each\/1 {2}\[0\] done {2}\{"said":"one"\}/);
    expect(events.io.out()).toMatch(/step-progress +each\/1 {2}\[1\] failed {2}OUTPUT_INVALID: /);
  });

  test('are told entry by entry', async () => {
    await say('hello');
    const [run] = (await paceline(['runs', 'list', '--json'])).lines();
    const runId = String(run?.['runId']);
    const { io } = await paceline(['runs', 'events', runId]);
    expect(io.out()).toMatch(
      /^ +1 +0 ms {2}run-start {9}\{"text":"hello","times":1\}\n +2 .* step-done {9}say\/1 {2}\{\}\n$/,
    );
    const from = await paceline(['runs', 'events', runId, '--from', '2', '--json']);
    expect(from.lines()).toMatchObject([{ runId, seq: 2, event: { type: 'step-done', output: {} } }]);
  });

  test('reach the terminal without what could steer it, whatever was said', async () => {
    const hostile = 'a\u001B[2Jb\u009Bc\u202Ed\ne';
    await say(hostile, '--label', `team=${hostile}`);
    const [run] = (await paceline(['runs', 'list', '--json'])).lines();
    for (const command of ['show', 'events']) {
      for (const form of [[], ['--json']]) {
        const { io } = await paceline(['runs', command, String(run?.['runId']), ...form]);
        expect(io.out()).toContain('\\u001b[2Jb');
        expect(io.out().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }
    }
  });

  test('have ids of their own, also where providers are simulated', async () => {
    const ask = ['run', 'ask.ts', '--config', 'broken-openai.config.ts', '--input', '{"text":"a"}', '--json'];
    for (const _ of [1, 2]) expect((await paceline(ask)).code).toBe(0);
    expect((await paceline(['runs', 'list', '--json'])).lines()).toHaveLength(2);
  });
});

describe('resume', () => {
  test('goes on with what a process left, and names with its reason what it leaves', async () => {
    const begun = await leaveBehind(echo as never, { text: 'a' });
    const changed = await leaveBehind(another('echo'), { text: 'a' });
    const unknown = await leaveBehind(another('other'), { text: 'a' });
    const { code: exit, lines } = await paceline(['resume', '--all', 'echo.ts', '--json']);
    expect(lines()).toMatchObject([
      { runId: changed, status: 'left', error: { code: 'WORKFLOW_CHANGED' } },
      {
        runId: unknown,
        status: 'left',
        error: { code: 'WORKFLOW_INVALID', message: expect.stringMatching(/Name its file too\.$/) },
      },
      { runId: begun, ok: true, status: 'succeeded', output: { said: 'a' } },
      { runs: 1, succeeded: 1, left: 2 },
    ]);
    expect(lines()[2]).not.toHaveProperty('row');
    expect(exit).toBe(1);
    const again = await paceline(['resume', '--all', 'echo.ts']);
    expect(again.io.err()).toContain(`${changed} left alone: WORKFLOW_CHANGED: `);
    expect(again.io.out()).toMatch(/^left alone +2$/m);
  });

  test('of one run prints its output; the others are not touched', async () => {
    const one = await leaveBehind(echo as never, { text: 'one' });
    await leaveBehind(echo as never, { text: 'two' });
    const { code: exit, io } = await paceline(['resume', one, 'echo.ts']);
    expect(JSON.parse(io.out())).toEqual({ said: 'one' });
    expect(exit).toBe(0);
    expect((await paceline(['runs', 'list', '--status', 'running', '--json'])).lines()).toHaveLength(1);
    const ended = await paceline(['resume', one, 'echo.ts']);
    expect(ended.io.err()).toBe(
      `paceline: Run ${one} has ended: succeeded. There is nothing to go on with.\n`,
    );
    expect(ended.code).toBe(2);
  });

  test('leaves a run to the process that works on it, and reading disturbs it as little', async () => {
    const io = testIo({ cwd });
    const owner = main(
      ['run', 'echo.ts', '--input', '{"text":"hang"}', '--deadline', '2s', '--journal', db],
      io,
    );
    await expect.poll(async () => (await paceline(['runs', 'list'])).io.out()).toContain('running');
    const [run] = (await paceline(['runs', 'list', '--json'])).lines();
    const runId = String(run?.['runId']);
    expect((await paceline(['runs', 'show', runId])).io.out()).toMatch(/ say +1 +in flight +.* left$/m);
    const { code: exit, io: told } = await paceline(['resume', runId, 'echo.ts']);
    expect(told.err()).toMatch(/ left alone: RUN_OWNED: .* It goes on there\./);
    expect(exit).toBe(1);
    expect(await owner).toBe(0);
    expect((await paceline(['runs', 'show', runId])).io.out()).toMatch(/^status +degraded$/m);
  });

  test('Ctrl-C cancels what is gone on with after the grace', async () => {
    const clock = createVirtualClock();
    await leaveBehind(echo as never, { text: 'hang' }, clock);
    const io = testIo({ cwd, clock });
    const ended = main(['resume', '--all', 'echo.ts', '--json', '--journal', db], io);
    await expect.poll(() => io.listening()).toBe(true);
    await clock.advance(100);
    io.interrupt();
    await clock.advance(10_001);
    expect(await clock.run(ended)).toBe(130);
    expect(linesOf(io.out())).toMatchObject([{ status: 'cancelled' }, { runs: 1, failed: 1 }]);
  });
});

test('a damaged run is named and not read, the others are served', async () => {
  const damaged = await leaveBehind(echo as never, { text: 'a' });
  const sound = await leaveBehind(echo as never, { text: 'b' });
  const file = new DatabaseSync(db);
  file.prepare('UPDATE state SET tail = ? WHERE run = 1').run('0 0 {"type":"run-start"}\n');
  file.close();
  const shown = await paceline(['runs', 'show', damaged]);
  expect(shown.io.err()).toMatch(/^paceline: JOURNAL_DAMAGED: Run run_/);
  expect(shown.code).toBe(1);
  const { lines } = await paceline(['resume', '--all', 'echo.ts', '--json']);
  expect(lines()).toMatchObject([
    { runId: damaged, status: 'left', error: { code: 'JOURNAL_DAMAGED' } },
    { runId: sound, status: 'succeeded' },
    { left: 1 },
  ]);
});

test('a run nobody knows: those that may have been meant are offered', async () => {
  expect((await paceline(['run', 'echo.ts', '--input', '{"text":"a"}'])).code).toBe(0);
  const [run] = (await paceline(['runs', 'list', '--json'])).lines();
  const runId = String(run?.['runId']);
  const typed = `${runId.slice(0, 5)}${runId.slice(6)}`;
  const missed = await paceline(['runs', 'show', typed]);
  expect(missed.io.err()).toBe(`paceline: The journal has no run ${typed}. Did you mean ${runId}?\n`);
  expect(missed.code).toBe(2);
  const foreign = await paceline(['runs', 'events', '\u001B[2Jnothing like it']);
  expect(foreign.io.err()).toBe(
    `paceline: The journal has no run \\u001b[2Jnothing like it. Latest: ${runId}.\n`,
  );
});

test.each([['list'], ['show', 'a'], ['events', 'a']])(
  'runs %s makes no file where there is none',
  async (...args) => {
    const { code: exit, io } = await paceline(['runs', ...args]);
    expect(io.err()).toMatch(/runs\.db: there is no such file/);
    expect(exit).toBe(2);
    expect(existsSync(db)).toBe(false);
  },
);

test.each([
  ['text', 'not a database', /not a database/],
  ['nothing', '', /is empty, no journal/],
])('a file of %s is no journal', async (_, content, message) => {
  await writeFile(db, content);
  const { code: exit, io } = await paceline(['runs', 'list']);
  expect(io.err()).toMatch(message);
  expect(exit).toBe(2);
});

test.each([
  [['resume', 'echo.ts'], /either the ids of the runs to go on with, or --all/],
  [['resume', 'echo.ts', 'a-run', '--all'], /either the ids/],
  [['resume', '--all', 'a-run'], /files of the workflows/],
  [['resume', 'echo.ts', '../alone.ts', '--all'], /alone\.ts: another file given defines `echo` as well/],
  [['resume', 'echo.ts', '--all'], /there is no such file/],
  [
    ['run', 'echo.ts', '--input', '{}', '--virtual'],
    /'--virtual' cannot be used with option '--journal <file>'/,
  ],
  [['runs', 'list', '--status', 'sleeping'], /Allowed choices are running, succeeded/],
])('%j cannot begin: exit code 2', async (args, message) => {
  const { code: exit, io } = await paceline(args);
  expect(io.err()).toMatch(message);
  expect(exit).toBe(2);
});

test('how long steps take is learned in the journal, over all its processes', async () => {
  await say('one');
  await say('two');
  const journal = sqliteJournal({ path: db });
  expect(journal.ledger.latency('step:echo/say')).toMatchObject({ samples: 2 });
  await journal.close();
});
