import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from './cli.ts';
import { testIo } from './test-support/io.ts';

const cwd = fileURLToPath(new URL('test-support/flows', import.meta.url));

let folder: string;
let db: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paceline-interrupt-'));
  db = join(folder, 'runs.db');
});
afterEach(() => rm(folder, { recursive: true }));

/** A pipe that stays open. */
async function* hangsAndThenNothing() {
  yield '{"text":"hang"}\n';
  await new Promise(() => {});
}

/** Begins a run that hangs. */
async function hanging(...more: readonly string[]) {
  const clock = createVirtualClock();
  const io = testIo({ cwd, clock, stdin: hangsAndThenNothing() });
  const ended = main(['run', 'echo.ts', '--input-file', '-', '--json', ...more], io);
  await expect.poll(() => io.listening()).toBe(true);
  await clock.advance(1_000);
  const lines = () => linesOf(io.out());
  return { clock, io, ended, lines };
}

const linesOf = (out: string) =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('SIGTERM leaves recorded runs that do not end in 5 s to the next process', async () => {
  const { clock, io, ended, lines } = await hanging('--journal', db);
  io.interrupt('terminate');
  expect(io.err()).toContain('what has not ended in 5 s is left for `paceline resume`');
  await clock.advance(4_900);
  expect(io.out()).toBe('');
  await clock.advance(200);
  expect(await clock.run(ended)).toBe(143);
  expect(lines()).toMatchObject([
    { status: 'left', error: { code: 'ENGINE_CLOSED', message: expect.stringContaining('paceline resume') } },
    { runs: 0, failed: 0, left: 1 },
  ]);
  const listed = testIo({ cwd });
  expect(await main(['runs', 'list', '--json', '--journal', db], listed)).toBe(0);
  expect(linesOf(listed.out())).toMatchObject([{ status: 'running', runId: lines()[0]?.['runId'] }]);
});

test('SIGTERM twice ends at once, and says which it was', async () => {
  const { clock, io, ended } = await hanging('--journal', db);
  io.interrupt('terminate');
  io.interrupt('terminate');
  expect(io.exits).toEqual([143]);
  await clock.run(ended);
});

test('what is not recorded ends with SIGTERM as it does with Ctrl-C', async () => {
  const { clock, io, ended, lines } = await hanging();
  io.interrupt('terminate');
  await clock.advance(10_001);
  expect(await clock.run(ended)).toBe(143);
  expect(lines()).toMatchObject([{ status: 'cancelled' }, { runs: 1, failed: 1 }]);
});

test('Ctrl-C cancels recorded runs after its grace', async () => {
  const { clock, io, ended, lines } = await hanging('--journal', db);
  io.interrupt();
  await clock.advance(10_001);
  expect(await clock.run(ended)).toBe(130);
  expect(lines()).toMatchObject([{ status: 'cancelled' }, { runs: 1, failed: 1, left: 0 }]);
});
