import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteJournal } from 'paceline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../cli.ts';
import { testIo } from '../test-support/io.ts';
import type { Io } from '../io.ts';

const cwd = fileURLToPath(new URL('../test-support/flows', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-check-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function check(args: readonly string[], overrides: Partial<Io> = {}) {
  const io = testIo({ cwd, ...overrides });
  const code = await main(['check', ...args], io);
  return { code, out: io.out(), err: io.err() };
}

/** A journal in which `say` of `echo` has taken so long, often enough to be believed. */
async function learned(ms: number): Promise<string> {
  const path = join(folder, 'runs.db');
  const journal = sqliteJournal({ path });
  for (let at = 0; at < 10; at++) journal.ledger.recordLatency('step:echo/say', ms);
  await journal.close();
  return path;
}

test('where the time goes, and that nothing was found', async () => {
  const { code, out } = await check(['echo.ts']);
  expect(out).toBe(`echo   budget 1 min 00 s
cheapest       1 ms  ░░░░░░░░░░░░  say 1 ms
longest        1 ms  ░░░░░░░░░░░░  say 1 ms

step  kind  route  usually            kept for later     at most
say   code            1 ms  declared            0 ms  1 min 00 s

Nothing found.
`);
  expect(code).toBe(0);
});

test('learned times count, and an error is exit code 1', async () => {
  const { code, out } = await check(['echo.ts', '--journal', await learned(61_000)]);
  expect(out).toContain('1 min 01 s  learned');
  expect(out).toMatch(/^error {4}PATH_OVER_BUDGET {2}The cheapest successful path usually takes 61000 ms/m);
  expect(out).toMatch(/^1 error, 0 warnings\.$/m);
  expect(code).toBe(1);
});

test('a route without its key is an error, and what the config says counts', async () => {
  const { code, out } = await check(['ask.ts', '--config', 'real.config.ts']);
  expect(out).toMatch(/^error {4}ROUTE_UNUSABLE {2}`\w+` asks for `\w+`, of which no target can be used/m);
  expect(code).toBe(1);
});

test('warnings are an error only with --strict', async () => {
  const env = {
    OPENAI_API_KEY: 'k',
    ANTHROPIC_API_KEY: 'k',
    GROQ_API_KEY: 'k',
    GOOGLE_GENERATIVE_AI_API_KEY: 'k',
  };
  const args = ['ask.ts', '--config', 'real.config.ts', '--json'];
  const lenient = await check(args, { env });
  const { findings } = JSON.parse(lenient.out) as { findings: readonly { severity: string; code: string }[] };
  expect(findings).toMatchObject([{ severity: 'warning', code: 'TIME_UNKNOWN' }]);
  expect(lenient.code).toBe(0);
  expect((await check([...args, '--strict'], { env })).code).toBe(1);
});

test('without a config it says what was not looked at', async () => {
  const { code, out } = await check(['alone/echo.ts']);
  expect(out).toContain('No config, so routes and keys were not looked at.');
  expect(code).toBe(0);
});

test('a refused definition is shown problem by problem', async () => {
  const { code, out } = await check(['refused.ts']);
  expect(out).toBe(
    'error    In state `working`: invoke `work` has no error path: the run would fail with it. Add `onError`, e.g. to a final state tagged `degraded`.\nRefused: 1 error.\n',
  );
  expect(code).toBe(1);
});

test('a refused definition as JSON', async () => {
  const { out } = await check(['refused.ts', '--json']);
  expect(JSON.parse(out)).toEqual({ problems: [expect.stringContaining('no error path')] });
});

test.each([
  [['missing.ts'], /there is no such file/],
  [['throwing.ts'], /does not load/],
  [['echo.ts', '--config', 'missing.config.ts'], /there is no such file/],
  [['echo.ts', '--journal', 'missing.db'], /there is no such file/],
  [['echo.ts', '--config', 'impossible.config.ts'], /impossible\.config\.ts/],
])('%j cannot begin: exit code 2', async (args, message) => {
  const { code, err } = await check(args);
  expect(err).toMatch(message);
  expect(code).toBe(2);
});
