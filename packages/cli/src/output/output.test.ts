import { createQuantiles } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { expect, test } from 'vitest';
import { createTally } from '../summary.ts';
import { testIo } from '../test-support/io.ts';
import { outcomeOf } from '../test-support/outcome.ts';
import { clip, liveLines, liveProgress } from './live.ts';
import { openOutput } from './open-output.ts';
import { plainProgress } from './plain.ts';
import { styleFor } from './style.ts';
import { bar, costLine, formatUsd, runTable, stepTable, summaryTable } from './tables.ts';
import type { Watch } from './watch.ts';

const terminal = (written: string[]) => ({
  isTTY: true,
  columns: 40,
  write: (text: string) => written.push(text),
});

const PLAIN = styleFor({ write: () => {} }, {});

function watchOf(overrides: Partial<Watch> = {}): Watch {
  const ms = createQuantiles();
  for (const value of [100, 200, 900]) ms.record(value);
  return {
    total: 10,
    counts: { runs: 4, succeeded: 3, degraded: 1, failed: 0, withinBudget: 4 },
    running: 2,
    waiting: 0,
    attempts: 12,
    retries: 1,
    failovers: 2,
    hedges: 0,
    unpriced: 0,
    usdByProvider: new Map([
      ['openai', 0.0123],
      ['google', 0.001],
    ]),
    steps: [
      { name: 'triage', budgetMs: 1_000, done: 3, failed: 1, ms },
      { name: 'act', budgetMs: 8_000, done: 0, failed: 0, ms: createQuantiles() },
    ],
    failures: new Map([
      ['triage DEADLINE_EXCEEDED', 1],
      ['act NO_TARGET_LEFT', 12],
    ]),
    elapsedMs: () => 12_300,
    openBreakers: () => [],
    ...overrides,
  };
}

test('each step shows its p50 and p95 against its budget', () => {
  expect(stepTable(watchOf().steps, PLAIN)).toEqual([
    'step     done  failed       p50       p95    budget',
    'triage      3       1    200 ms    900 ms     1.0 s  ███████████░',
    'act         0       0         -         -     8.0 s  ░░░░░░░░░░░░',
  ]);
});

test('a bar never leaves its width', () => {
  expect([bar(-1, 4), bar(0.5, 4), bar(7, 4)]).toEqual(['░░░░', '██░░', '████']);
});

test('what is known of the cost, and how much is not', () => {
  expect(costLine(new Map([['openai', 1.5]]), 0)).toBe('cost $1.50   openai $1.50');
  expect(costLine(new Map(), 3)).toBe('cost $0.0000      (3 attempts of unknown price not counted)');
  expect([0, 0.0000186, 0.0126, 12.3].map(formatUsd)).toEqual(['$0.0000', '$0.000019', '$0.0126', '$12.30']);
});

test('the live view shows progress, runs in flight, failovers, retries, cost and the targets left alone', () => {
  const lines = liveLines(watchOf({ openBreakers: () => ['openai/gpt-5'] }), PLAIN);
  expect(lines[0]).toBe('██████████░░░░░░░░░░░░░░  4/10  2 running  12.3 s');
  expect(lines[1]).toBe('3 succeeded  1 degraded  0 failed');
  expect(lines.slice(-3)).toEqual([
    'attempts 12   failovers 2   retries 1',
    'cost $0.0133   openai $0.0123   google $0.001000',
    'left alone for now: openai/gpt-5',
  ]);
  expect(liveLines(watchOf({ total: Number.POSITIVE_INFINITY }), PLAIN)[0]).toBe('4 done  2 running  12.3 s');
});

test('the live view repaints in place, notes stay above it, and it leaves nothing behind', async () => {
  const clock = createVirtualClock();
  const written: string[] = [];
  const io = testIo({ clock, stderr: terminal(written) });
  const progress = liveProgress(watchOf(), PLAIN, io);
  await clock.advance(0);
  const height = written[0]!.split('\n').length - 1;
  await clock.advance(125);
  expect(written[1]).toMatch(new RegExp(`^\\u001B\\[${height}F\\u001B\\[0J`));
  progress.note('row 3 failed');
  expect(written[2]).toMatch(new RegExp(`^\\u001B\\[${height}F\\u001B\\[0Jrow 3 failed\\n█`));
  progress.close();
  expect(written[3]).toBe(`\u001B[${height}F\u001B[0J`);
  progress.note('after');
  expect(written[4]).toBe('after\n');
  expect(clock.pendingTimers()).toBe(0);
});

test('lines are cut to the terminal; colour codes take no room', () => {
  expect(clip('\u001B[1mabcdef\u001B[22m', 3)).toBe('\u001B[1mabc\u001B[22m');
  expect(clip('🚲🚲🚲', 2)).toBe('🚲🚲');
});

test('plain progress is a line every three seconds and one at the end', async () => {
  const clock = createVirtualClock();
  const io = testIo({ clock });
  const progress = plainProgress(watchOf(), io, true);
  await clock.advance(6_500);
  progress.close();
  const line = '12.3 s  4/10 done  2 running  1 degraded  0 failed  2 failovers  1 retries  $0.0133\n';
  expect(io.err()).toBe(line.repeat(3));
  expect(clock.pendingTimers()).toBe(0);
});

test('colours only for a terminal, and not with NO_COLOR', () => {
  const tty = { isTTY: true, write: () => {} };
  expect(styleFor(tty, {}).red('x')).toBe('\u001B[31mx\u001B[39m');
  expect(styleFor(tty, { NO_COLOR: '' }).red('x')).toBe('\u001B[31mx\u001B[39m');
  expect(styleFor(tty, { NO_COLOR: '1' }).red('x')).toBe('x');
  expect(styleFor({ write: () => {} }, {}).red('x')).toBe('x');
});

test('JSON lines and a live view never share a terminal', () => {
  const clock = createVirtualClock();
  const [out, err]: string[][] = [[], []];
  const shared = testIo({ clock, stdout: terminal(out!), stderr: terminal(err!) });
  const output = openOutput({ json: true, single: false }, watchOf(), shared);
  output.rowEnd(1, outcomeOf('succeeded'));
  output.close();
  expect(out!.join('')).toMatch(/^\{"row":1,.*\}\n$/);
  expect(err!.join('')).not.toContain('\u001B');
});

test('one result waits until the live view is gone, which would erase it', () => {
  const screen: string[] = [];
  const io = testIo({ clock: createVirtualClock(), stdout: terminal(screen), stderr: terminal(screen) });
  const output = openOutput({ json: false, single: true }, watchOf(), io);
  output.note('painted');
  output.rowEnd(1, outcomeOf('succeeded'));
  output.close();
  const tally = createTally();
  tally.add(outcomeOf('succeeded'));
  output.summary(tally.summary({ simulated: false }));
  const result = screen.indexOf('{}\n');
  expect(result).toBeGreaterThan(0);
  expect(screen.findLastIndex((text) => text.includes('\u001B[0J'))).toBeLessThan(result);
});

function tableOf(code: string): string {
  const tally = createTally();
  tally.add(outcomeOf('failed', { code }));
  return runTable(tally.summary({ simulated: true }), watchOf(), PLAIN).join('\n');
}

test('a single run tells of the steps it came to, and of nothing if it did not begin', () => {
  expect(tableOf('STEP_FAILED')).toMatch(/^took 100 ms\n/);
  expect(tableOf('STEP_FAILED')).toMatch(/^triage /m);
  expect(tableOf('STEP_FAILED')).not.toMatch(/^act /m);
  expect(tableOf('INPUT_INVALID')).toBe('');
});

test.each([
  [0.004455, 'prompt caches saved $0.004455'],
  [-0.0012375, 'prompt caches cost $0.001238 more than they saved'],
])('of savings of $%s the table says: %s', (savedUsd, said) => {
  const tally = createTally();
  tally.add(outcomeOf('succeeded', { spend: { savedUsd } }));
  expect(runTable(tally.summary({ simulated: false }), watchOf(), PLAIN)).toContain(said);
});

test('a terminal that does not know its width gets a view all the same', async () => {
  const clock = createVirtualClock();
  const written: string[] = [];
  const io = testIo({ clock, stderr: { ...terminal(written), columns: 0 } });
  liveProgress(watchOf(), PLAIN, io);
  await clock.advance(0);
  expect(written[0]).toContain('4/10');
});

test('after twenty failed rows the list ends and the count goes on', () => {
  const io = testIo({ clock: createVirtualClock() });
  const output = openOutput({ json: false, single: false }, watchOf(), io);
  for (let row = 1; row <= 30; row++) output.rowEnd(row, outcomeOf('failed'));
  output.close();
  expect(io.err().match(/^row \d+ failed: STEP_FAILED: it broke$/gm)).toHaveLength(20);
  expect(io.err()).toContain('--json lists them all');
});

test('the summary says that the providers were simulated', () => {
  const tally = createTally();
  tally.add(outcomeOf('succeeded', { ms: 1_200 }));
  const text = (simulated: boolean) =>
    summaryTable(tally.summary({ simulated }), watchOf(), PLAIN).join('\n');
  expect(text(true)).toContain('The providers were simulated');
  expect(text(false)).not.toContain('simulated');
  expect(text(false)).not.toContain('prompt caches');
  expect(text(false)).toContain('succeeded            1  100.0 %');
  expect(text(false)).toContain('    12 × act NO_TARGET_LEFT\n     1 × triage DEADLINE_EXCEEDED');
});
