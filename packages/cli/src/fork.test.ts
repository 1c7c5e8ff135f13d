import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from './cli.ts';
import { testIo } from './test-support/io.ts';

const cwd = fileURLToPath(new URL('test-support/flows', import.meta.url));

let folder: string;
let db: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-fork-'));
  db = join(folder, 'runs.db');
});
afterEach(() => rm(folder, { recursive: true }));

async function paceline(...args: readonly string[]) {
  const io = testIo({ cwd });
  const code = await main([...args, '--journal', db], io);
  const lines = io
    .out()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return { code, io, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

async function recorded(text: string): Promise<string> {
  const { lines } = await paceline('run', 'echo.ts', '--input', JSON.stringify({ text }), '--json');
  return lines[0]?.['runId'] as string;
}

test('a fork runs to its end with what was set, and says its id', async () => {
  const source = await recorded('hello');
  const { code, io, lines } = await paceline(
    'runs',
    'fork',
    source,
    'echo.ts',
    '--at',
    '1',
    '--set',
    'context.text="bye"',
    '--json',
  );
  expect(code).toBe(0);
  const [row, summary] = lines;
  expect(row).toMatchObject({ ok: true, output: { said: 'bye' } });
  expect(row?.['runId']).not.toBe(source);
  expect(io.err()).toContain(`Forked as ${String(row?.['runId'])}.`);
  expect(summary).toMatchObject({ runs: 1, succeeded: 1 });

  const events = await paceline('runs', 'events', String(row?.['runId']));
  expect(events.io.out()).toContain(`forked from ${source} at 1`);
  const shown = await paceline('runs', 'show', String(row?.['runId']));
  expect(shown.io.out()).toMatch(new RegExp(`forked from +${source} at entry 1`));
});

test.each([
  ['no such entry', ['--at', '99'], 'entries 1 to'],
  [
    'a path that leads nowhere',
    ['--at', '1', '--set', 'context.plan.item=1'],
    '`context.plan.item` cannot be set',
  ],
  ['a value that is no JSON', ['--at', '1', '--set', 'context.text=bye'], 'A string needs its quotes'],
  ['no path', ['--at', '1', '--set', '=1'], 'Expected path=json'],
])('%s is refused before anything begins', async (_, flags, message) => {
  const source = await recorded('hello');
  const { code, io } = await paceline('runs', 'fork', source, 'echo.ts', ...flags);
  expect(code).toBe(2);
  expect(io.err()).toContain(message);
  expect((await paceline('runs', 'list', '--json')).lines).toHaveLength(1);
});
