import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@paceline/resilience';
import { afterAll, describe, expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import { killOften } from './shard.ts';
import { hasStrace, judgeTrace, traceSyncs } from './trace.ts';
import type { Broken, Ended } from './ledger.ts';
import type { TraceReport } from './trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'paceline-kill-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('runs outlive the kills of their process, and nothing is done twice', async () => {
  const path = join(folder, 'killed.db');
  const report = await killOften({
    path,
    kills: 2,
    inFlight: 10,
    random: seededRandom(3),
    progress: () => {},
  });
  expect(Object.values(report.broken).flat()).toEqual([]);
  expect(report.succeeded).toBeGreaterThan(0);
  expect(report.killsAtWork).toBeGreaterThan(0);
});

// Where there is no strace there is nothing to see, and the count of skipped tests says so.
test.skipIf(!(await hasStrace()))('nothing is told before the sync of its group', async () => {
  const trace = (await traceSyncs(join(folder, 'traced.db'), 2)) as TraceReport;
  expect(trace).toMatchObject({ told: 2 * 9, toldTooEarly: 0 });
  expect(trace.groups).toBeGreaterThan(0);
  expect(trace.syncs).toBeGreaterThanOrEqual(trace.groups);
});

const deed = (step: string, key: string) => ({ type: 'deed', runId: 'a', step, key }) as const;
const good = { runId: 'a', status: 'succeeded', output: 7 } as const;

interface Case {
  readonly promise: keyof Broken;
  readonly what: string;
  readonly act?: (ledger: Ledger) => void;
  readonly journal?: readonly Ended[];
}

describe('the ledger', () => {
  function brokenBy(act: (ledger: Ledger) => void, journal: readonly Ended[] = [good]): Partial<Broken> {
    const ledger = new Ledger();
    ledger.note({ type: 'started', runId: 'a' });
    act(ledger);
    const broken = Object.entries(ledger.broken(journal, new Set(['held'])));
    return Object.fromEntries(broken.filter(([, cases]) => cases.length > 0));
  }

  test('has nothing against a run that went well, a step in flight repeated included', () => {
    const broken = brokenBy((ledger) => {
      ledger.note(deed('book', 'k'));
      ledger.note(deed('book', 'k'));
      ledger.noteCompleted(['held']);
      ledger.note({ type: 'ended', ...good });
    });
    expect(broken).toEqual({});
  });

  test.each<Case>([
    { promise: 'lost', what: 'a', journal: [] },
    { promise: 'unended', what: 'b', journal: [good, { runId: 'b', status: 'running', output: undefined }] },
    {
      promise: 'finishedStepsRunAgain',
      what: 'a look',
      act: (ledger) => {
        ledger.note(deed('look', 'held'));
        ledger.noteCompleted(['held']);
        ledger.note(deed('look', 'held'));
      },
    },
    {
      promise: 'onceEffectsRepeated',
      what: 'a pay',
      act: (ledger) => {
        ledger.note(deed('pay', 'k'));
        ledger.note(deed('pay', 'k'));
      },
    },
    {
      promise: 'keysChanged',
      what: 'a book',
      act: (ledger) => {
        ledger.note(deed('book', 'k'));
        ledger.note(deed('book', 'other'));
      },
    },
    { promise: 'completionsLost', what: 'gone', act: (ledger) => ledger.noteCompleted(['gone']) },
    {
      promise: 'wrongEnds',
      what: 'a',
      act: (ledger) => ledger.note({ type: 'ended', ...good, status: 'degraded' }),
    },
    { promise: 'wrongEnds', what: 'a', journal: [{ ...good, output: 6 }] },
    { promise: 'wrongEnds', what: 'a', journal: [{ ...good, status: 'failed' }] },
  ])('names $promise', ({ promise, what, act = () => {}, journal }) => {
    expect(brokenBy(act, journal)).toEqual({ [promise]: [what] });
  });
});

describe('the trace', () => {
  const TOLD = String.raw`write(1, "{\"type\":\"deed\",\"runId\":\"a\"}\n", 30) = 30`;
  const opened = 'openat(AT_FDCWD, "/runs.db-wal", O_RDWR|O_CREAT, 0600) = 21';
  const written = 'pwrite64(21, "..."..., 4096, 32) = 4096';

  test('finds what is told before the sync', () => {
    expect(judgeTrace([opened, written, written, 'fdatasync(21) = 0', TOLD])).toEqual({
      told: 1,
      syncs: 1,
      groups: 1,
      toldTooEarly: 0,
    });
    expect(judgeTrace([opened, written, TOLD, 'fdatasync(21) = 0'])).toMatchObject({ toldTooEarly: 1 });
    expect(judgeTrace([opened, written, 'fdatasync(20) = 0', TOLD])).toMatchObject({ toldTooEarly: 1 });
  });
});
