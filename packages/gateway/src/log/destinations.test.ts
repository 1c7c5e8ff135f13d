import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@paceline/resilience/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bufferedDestination } from './buffered.ts';
import { dailyFile } from './daily-file.ts';
import { MOST_WAITING } from './destination.ts';
import type { SlowSink } from './destination.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = '2026-01-01';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-log-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

const clock = createVirtualClock();
const parts = { clock, droppedLine: (lines: number) => `dropped ${lines}\n` };

/** A sink that takes what it is given when the test says so. */
function heldSink() {
  const written: string[] = [];
  let answer: ((error?: Error) => void) | undefined;
  const sink: SlowSink = {
    append: (text) =>
      new Promise((resolve, reject) => {
        answer = (error) => {
          if (error !== undefined) return reject(error);
          written.push(text);
          return resolve();
        };
      }),
    appendNow: (text) => void written.push(`at once: ${text}`),
  };
  const turn = async (error?: Error): Promise<void> => {
    answer?.(error);
    await new Promise((resolve) => process.nextTick(resolve));
  };
  return { sink, written, turn };
}

describe('a slow destination', () => {
  test('holds up nobody: what comes meanwhile follows in one piece', async () => {
    const { sink, written, turn } = heldSink();
    const destination = bufferedDestination(sink, parts);
    for (const line of ['1\n', '2\n', '3\n']) destination.write(line);
    await turn();
    await turn();
    expect(written).toEqual(['1\n', '2\n3\n']);
    await destination.close();
  });

  test('is given no more than it may have waiting, and told of the rest', async () => {
    const { sink, written, turn } = heldSink();
    const destination = bufferedDestination(sink, parts);
    destination.write('x'.repeat(MOST_WAITING));
    destination.write('lost\n');
    destination.write('lost too\n');
    await turn();
    destination.write('next\n');
    await turn();
    expect(written.slice(1)).toEqual(['dropped 2\nnext\n']);
    await destination.close();
  });

  test('is waited for at the end, though not for long', async () => {
    const { sink, written, turn } = heldSink();
    const destination = bufferedDestination(sink, parts);
    destination.write('last\n');
    let isClosed = false;
    const closing = destination.close().then(() => (isClosed = true));
    await clock.advance(900);
    expect(isClosed).toBe(false);
    await clock.advance(200);
    expect(isClosed).toBe(true);
    await closing;
    await turn();
    expect(written).toEqual(['last\n']);
  });
});

test('a broken destination is told of once, and goes on when it can, with the number of lines that are gone', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { sink, written, turn } = heldSink();
  const destination = bufferedDestination(sink, parts);
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  destination.write('1\n');
  await turn(full);
  destination.write('2\n');
  destination.write('3\n');
  await turn(full);
  await turn(full);
  destination.write('4\n');
  await turn();
  expect(written).toEqual(['dropped 3\n4\n']);
  expect(warn).toHaveBeenCalledOnce();
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('ENOSPC'));
  await destination.close();
});

const file = (): string => join(folder, 'logs', 'paceline.log');
const entries = (): readonly string[] => readdirSync(join(folder, 'logs')).toSorted();

describe('a file', () => {
  test('is one for each day, for its owner alone', async () => {
    const own = createVirtualClock();
    const sink = dailyFile({ file: file() }, own);
    await sink.append('first day\n');
    await own.advance(DAY_MS);
    await sink.append('second day\n');
    await sink.append('and more\n');
    expect(entries()).toEqual([`paceline-${FIRST_DAY}.log`, 'paceline-2026-01-02.log']);
    const [first = '', second = ''] = entries().map((name) => join(folder, 'logs', name));
    expect(readFileSync(first, 'utf8')).toBe('first day\n');
    expect(readFileSync(second, 'utf8')).toBe('second day\nand more\n');
    expect([first, second].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  test('is deleted after its days, and nothing else is', async () => {
    const own = createVirtualClock();
    const sink = dailyFile({ file: file(), keepDays: 2 }, own);
    const others = ['paceline-notes.log', 'paceline-2020-01-01.txt', 'other-2020-01-01.log', 'paceline.log'];
    for (const name of [...others, 'paceline-2020-01-01.log']) writeFileSync(join(folder, 'logs', name), '');
    await sink.append('1\n');
    expect(entries()).toEqual([...others, `paceline-${FIRST_DAY}.log`].toSorted());
    await own.advance(DAY_MS);
    await sink.append('2\n');
    expect(entries()).toContain(`paceline-${FIRST_DAY}.log`);
    await own.advance(DAY_MS);
    await sink.append('3\n');
    expect(entries()).toEqual([...others, 'paceline-2026-01-02.log', 'paceline-2026-01-03.log'].toSorted());
  });

  test('that was taken away is made again', async () => {
    const sink = dailyFile({ file: file() }, clock);
    await sink.append('1\n');
    rmSync(join(folder, 'logs', entries()[0] ?? ''));
    await sink.append('2\n');
    expect(readFileSync(join(folder, 'logs', entries()[0] ?? ''), 'utf8')).toBe('2\n');
  });
});

const run = (script: string) => spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
const OPEN = `
  const { createLog } = await import('${new URL('create-log.ts', import.meta.url).href}');
  const { createRedactor } = await import('${new URL('../redact.ts', import.meta.url).href}');
  const { systemClock } = await import('@paceline/resilience');
  const open = (to) => createLog({ to }, { clock: systemClock, redactor: createRedactor({ secrets: () => [] }) });`;

describe('in a process of its own', () => {
  test('what was written last is there although the process ended at once', () => {
    const last = join(folder, 'last.log');
    run(`${OPEN}
      const log = open({ file: ${JSON.stringify(last)} });
      for (let at = 0; at < 100; at++) log.write('info', { event: 'x', at });
      process.exit(0);`);
    const [entry = ''] = readdirSync(folder);
    const ats = readFileSync(join(folder, entry), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).at);
    expect(ats.slice(-99)).toEqual(Array.from({ length: 99 }, (_, at) => at + 1));
  });

  test('standard error is the default, and `close` waits for it', () => {
    const { stderr, stdout } = run(`${OPEN}
      const log = open();
      for (let at = 0; at < 100; at++) log.write('info', { event: 'x', at });
      await log.close();`);
    expect(stdout.toString()).toBe('');
    expect(stderr.toString().trim().split('\n')).toHaveLength(100);
  });
});
