import { fileURLToPath } from 'node:url';
import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { main } from './cli.ts';
import { testIo } from './test-support/io.ts';
import type { TestIo } from './test-support/io.ts';
import type { Io } from './io.ts';

const cwd = fileURLToPath(new URL('test-support/flows', import.meta.url));

async function paceline(args: readonly string[], overrides: Partial<Io> = {}) {
  const io = testIo({ cwd, ...overrides });
  const code = await main(args, io);
  return { code, io, lines: () => linesOf(io) };
}

function linesOf(io: TestIo): Record<string, unknown>[] {
  return io
    .out()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function* jsonLines(...rows: readonly unknown[]) {
  for (const row of rows) yield `${typeof row === 'string' ? row : JSON.stringify(row)}\n`;
}

test('one input: its output alone on standard output, exit code 0', async () => {
  const { code, io } = await paceline(['run', 'echo.ts', '--input', '{"text":"hello"}']);
  expect(io.err()).not.toContain('failed: ');
  expect(JSON.parse(io.out())).toEqual({ said: 'hello' });
  expect(code).toBe(0);
});

test('one input from standard input', async () => {
  const { io } = await paceline(['run', 'echo.ts', '--input', '-'], { stdin: jsonLines({ text: 'piped' }) });
  expect(JSON.parse(io.out())).toEqual({ said: 'piped' });
});

test('--json: a line per row, then the summary; bad rows fail alone and name row and field', async () => {
  const stdin = jsonLines(
    { text: 'a' },
    'nonsense',
    { times: 2 },
    { text: 'b', times: 3 },
    { text: 'degrade' },
  );
  const { code, lines } = await paceline(
    ['run', 'echo.ts', '--input-file', '-', '--json', '--concurrency', '1'],
    {
      stdin,
    },
  );
  expect(lines().slice(0, -1)).toEqual([
    { row: 1, runId: expect.any(String), ok: true, status: 'succeeded', output: { said: 'a' }, ...FREE },
    {
      row: 2,
      runId: expect.any(String),
      ok: false,
      status: 'failed',
      error: { code: 'INPUT_INVALID', message: expect.stringMatching(/^not JSON/) },
      ...FREE,
    },
    {
      row: 3,
      runId: expect.any(String),
      ok: false,
      status: 'failed',
      error: { code: 'INPUT_INVALID', message: expect.stringContaining('text') },
      ...FREE,
    },
    { row: 4, runId: expect.any(String), ok: true, status: 'succeeded', output: { said: 'bbb' }, ...FREE },
    { row: 5, runId: expect.any(String), ok: true, status: 'degraded', output: { said: 'degrade' }, ...FREE },
  ]);
  expect(lines().at(-1)).toEqual({
    runs: 5,
    succeeded: 2,
    withinBudget: 5,
    degraded: 1,
    failed: 2,
    p50Ms: expect.any(Number),
    p95Ms: expect.any(Number),
    p99Ms: expect.any(Number),
    calls: 0,
    attempts: 0,
    failovers: 0,
    retries: 0,
    costUsd: 0,
    savedUsd: 0,
    costByProvider: {},
    simulated: false,
  });
  expect(code).toBe(1);
});

const FREE = { ms: expect.any(Number) as number, costUsd: 0, attempts: 0 };

test('a batch without --json: failures as they come, a table at the end', async () => {
  const { code, io } = await paceline(['run', 'echo.ts', '--input-file', '-'], {
    stdin: jsonLines({ text: 'a' }, { text: 'fail' }),
  });
  expect(io.err()).toMatch(/^row 2 failed: OUTPUT_INVALID: .*was asked to fail/m);
  expect(io.out()).toMatch(/^succeeded +1 +50\.0 %$/m);
  expect(io.out()).not.toContain('\u001B');
  expect(code).toBe(1);
});

test('--field, --limit and --label reach the run', async () => {
  const { code, lines } = await paceline(
    [
      'run',
      'echo.ts',
      '--input-file',
      '-',
      '--field',
      'text',
      '--limit',
      '2',
      '--label',
      'team=cx',
      '--json',
    ],
    { stdin: jsonLines('"bare"', { text: 'a', times: 'ignored' }, { text: 'beyond the limit' }) },
  );
  expect(
    lines()
      .slice(0, -1)
      .map((line) => line['output']),
  ).toEqual([{ said: 'bare' }, { said: 'a' }]);
  expect(code).toBe(0);
});

test('--deadline cuts a run that takes too long', async () => {
  const { lines } = await paceline([
    'run',
    'echo.ts',
    '--input',
    '{"text":"hang"}',
    '--deadline',
    '20ms',
    '--json',
  ]);
  expect(lines()[0]).toMatchObject({ row: 1 });
  expect(lines()[0]?.['status']).not.toBe('succeeded');
});

const ASK = ['run', 'ask.ts', '--config', 'broken-openai.config.ts', '--input', '{"text":"a bug"}', '--json'];

test('a provider that fails is failed over; with --no-failover its first failure is the last word', async () => {
  const { lines } = await paceline([...ASK, '--virtual', '--seed', '7']);
  expect(lines()[0]).toMatchObject({
    runId: 'run-s7-r1',
    status: 'succeeded',
    costBy: { step: { triage: expect.any(Number) } },
  });
  expect(lines()[1]).toMatchObject({ failovers: 1, simulated: true, traceHash: expect.any(String) });

  const control = await paceline([...ASK, '--virtual', '--seed', '7', '--no-failover']);
  expect(control.lines()[0]).toMatchObject({ status: 'degraded', attempts: 1 });
  expect(control.lines()[1]).toMatchObject({ failovers: 0, retries: 0 });
});

test('an empty file is a batch of nothing', async () => {
  const { code, lines } = await paceline(['run', 'echo.ts', '--input-file', '-', '--json'], {
    stdin: jsonLines(),
  });
  expect(lines()).toMatchObject([{ runs: 0, p50Ms: null, costUsd: 0 }]);
  expect(code).toBe(0);
});

test('one input that does not fit: the field and what it wants, in one line', async () => {
  const { code, io } = await paceline(['run', 'echo.ts', '--input', '{"txt":"hello"}']);
  expect(io.err()).toBe('failed: INPUT_INVALID: text: expected string, received undefined\n');
  expect(io.out()).toBe('');
  expect(code).toBe(1);
});

test('a failed step says why', async () => {
  const { io } = await paceline(['run', 'echo.ts', '--input', '{"text":"degrade"}']);
  expect(io.err()).toMatch(/^say failed: STEP_FAILED: asked to degrade$/m);
});

const ASK_REAL = ['run', 'ask.ts', '--config', 'real.config.ts', '--input', '{"text":"a"}'];

test('a missing credential is named; without any for a route nothing begins', async () => {
  const { code, io } = await paceline(ASK_REAL);
  expect(io.err()).toMatch(
    /^paceline: .*real\.config\.ts:\n {2}Step `triage` asks for `classify`, and no model of it can be used: export OPENAI_API_KEY=\.\.\. or export GROQ_API_KEY=\.\.\.\.\n$/,
  );
  expect(code).toBe(2);

  const one = await paceline(ASK_REAL, { env: { GROQ_API_KEY: 'a-key' } });
  expect(one.io.err()).toContain(
    'Not in the environment: OPENAI_API_KEY. Models that need it are passed over.',
  );
  expect(one.code).toBe(0);
});

test('--virtual is refused where real providers would have to answer', async () => {
  const { code, io } = await paceline([...ASK_REAL, '--virtual'], { env: { OPENAI_API_KEY: 'a-key' } });
  expect(io.err()).toContain('--virtual moves no real provider');
  expect(code).toBe(2);
});

test('what a config set up is taken down when the gateway refuses it', async () => {
  const env: Record<string, string> = {};
  const { code, io } = await paceline(
    ['run', 'echo.ts', '--input', '{}', '--config', 'impossible.config.ts'],
    { env },
  );
  expect(io.err()).toMatch(/^paceline: .*impossible\.config\.ts: .*roles\.classify/s);
  expect(env).toEqual({ CLOSED: 'yes' });
  expect(code).toBe(2);
});

test('Ctrl-C once: no further rows, what runs is cancelled after the grace, the summary is printed, exit code 130', async () => {
  const clock = createVirtualClock();
  const io = testIo({ cwd, clock, stdin: hangsAndThenNothing() });
  const ended = main(['run', 'echo.ts', '--input-file', '-', '--json'], io);
  await expect.poll(() => io.listening()).toBe(true);
  await clock.advance(1_000);
  io.interrupt();
  expect(io.err()).toContain('Stopping');
  await clock.advance(9_000);
  expect(io.out()).toBe('');
  await clock.advance(1_001);
  expect(await ended).toBe(130);
  expect(linesOf(io)).toMatchObject([
    { row: 1, status: 'cancelled' },
    { runs: 1, failed: 1 },
  ]);
});

/** A pipe that stays open. */
async function* hangsAndThenNothing() {
  yield '{"text":"hang"}\n';
  await new Promise(() => {});
}

test('Ctrl-C twice ends the process at once', async () => {
  const clock = createVirtualClock();
  const io = testIo({ cwd, clock, stdin: hangsAndThenNothing() });
  const ended = main(['run', 'echo.ts', '--input-file', '-'], io);
  await expect.poll(() => io.listening()).toBe(true);
  io.interrupt();
  expect(io.exits).toEqual([]);
  io.interrupt();
  expect(io.exits).toEqual([130]);
  await clock.run(ended);
});

test.each([
  [['run', 'nowhere.ts', '--input', '{}'], /nowhere\.ts: there is no such file/],
  [
    ['run', 'no-default.ts', '--input', '{}'],
    /no-default\.ts has no default export: expected `export default setupWorkflow/,
  ],
  [['run', 'no-workflow.ts', '--input', '{}'], /no-workflow\.ts exports something else as its default/],
  [
    ['run', 'throwing.ts', '--input', '{}'],
    /throwing\.ts does not load: Error: this file is broken\n +at .*throwing\.ts:1:\d+\)?\n$/,
  ],
  [['run', 'refused.ts', '--input', '{}'], /refused\.ts does not load: .*working/s],
  [['run', 'echo.ts'], /Nothing to run on/],
  [['run', 'echo.ts', '--input', '{}', '--input-file', 'x.csv'], /either --input or --input-file/],
  [['run', 'echo.ts', '--input', 'hello'], /--input is not JSON .* quotes/],
  [
    ['run', 'echo.ts', '--input', '{}', '--limit', '3'],
    /'--limit <n>' cannot be used with option '--input <json>'/,
  ],
  [['run', 'echo.ts', '--input-file', 'rows.txt'], /expected a name ending in/],
  [['run', 'echo.ts', '--input', '{}', '--deadline', '8'], /with its unit, such as 500ms/],
  [['run', 'echo.ts', '--input', '{}', '--label', 'team'], /Expected key=value/],
  [['run', 'echo.ts', '--input', '{}', '--concurrency', '0'], /at least 1/],
  [['run', 'echo.ts', '--input', '{}', '--config', 'none.ts'], /none\.ts: there is no such file/],
  [['run', 'echo.ts', '--input', '{}', '--config', 'echo.ts'], /expected `export default defineConfig/],
  [
    ['run', 'echo.ts', '--input', '{}', '--config', 'refusing.config.ts'],
    /Looked for SOME_KEY and found none\.\n$/,
  ],
  [
    ['run', 'echo.ts', '--input', '{}', '--config', 'throwing.ts'],
    /throwing\.ts: Error: this file is broken/,
  ],
  [
    ['run', 'ask.ts', '--input', '{}'],
    /Step `triage` asks for `classify`, to which no model is bound\. Bind one: `classify: \['provider\/model'\]`/,
  ],
  [['run', '../../input/rows.ts', '--input', '{}'], /rows\.ts has no default export/],
  [['sim', '--scenario', 'sunny'], /sunny: neither a file nor one of calm, everyday, brownout/],
  [['fly'], /unknown command 'fly'/],
])('%j cannot begin: exit code 2', async (args, message) => {
  const { code, io } = await paceline(args);
  expect(io.err()).toMatch(message);
  expect(io.out()).toBe('');
  expect(code).toBe(2);
});

test.each([[['--help']], [['run', '--help']], [['sim', '--help']]])('%j shows examples', async (args) => {
  const { code, io } = await paceline(args);
  expect(io.out()).toContain('Examples:\n  $ paceline');
  expect(code).toBe(0);
});
