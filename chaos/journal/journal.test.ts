import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@paceline/resilience';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jumpClocks } from './clocks.ts';
import { mutate } from './damage.ts';
import { fillDisk, lockOut } from './full-disk.ts';
import { meet, repeated } from './nth.ts';
import { stopOwners } from './owners.ts';
import { shortfalls } from './report.ts';
import { makeTrouble } from './trouble.ts';
import type { JournalReport } from './report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([30, 60, 90, 130])(
  'runs survive that operation %i fails, and all after it for a while',
  async (at) => {
    for (const lasting of [false, true]) {
      const met = await meet({ at, name: 'SQLITE_FULL', lasting }, join(folder, `${lasting}.db`));
      expect(met).toMatchObject({ happened: true, broken: [] });
    }
  },
);

test('mutated files are found out or harmless', async () => {
  const report = await mutate(folder, 30, seededRandom(2));
  expect(report.wrong).toEqual([]);
  expect(report.detected).toBeGreaterThan(5);
});

test.each([
  ['a full disk', fillDisk],
  ['a lock held by another process', lockOut],
] as const)('runs wait for %s, and go on by themselves', async (_, trouble) => {
  expect(await trouble(join(folder, 'runs.db'))).toMatchObject({
    acknowledgedWhileFull: 0,
    notRecorded: [],
    succeeded: 200,
  });
});

test('an owner that was stopped writes nothing any more', async () => {
  expect(await stopOwners(folder, 4)).toEqual({ stops: 4, takenOver: 12, fenced: 12, broken: [] });
});

test('jumps of the wall clock cost no run its end', async () => {
  expect((await jumpClocks(folder)).broken).toEqual([]);
});

describe('the checks', () => {
  const pay = { runId: 'a', step: 'pay', key: 'k' };

  test('name what is done again', () => {
    expect(repeated([pay], new Set(), 0)).toEqual([]);
    expect(repeated([pay, pay], new Set(), 0)).toEqual(['what takes effect once took effect twice']);
    const look = { ...pay, step: 'look' };
    expect(repeated([look, look], new Set(['k']), 1)).toEqual(['a did look again']);
  });

  test('find a report that shows nothing wanting', () => {
    const trouble = {
      acknowledgedBefore: 0,
      acknowledgedWhileFull: 0,
      runs: 1,
      succeeded: 1,
      notRecorded: [],
    };
    const nothing: JournalReport = {
      seed: 1,
      nth: { cases: 0, operations: 0, resumed: 0, broken: [] },
      damage: { mutations: 0, detected: 0, harmless: 0, wrong: [] },
      fullDisk: { ...trouble, acknowledgedBefore: 1 },
      lockedOut: { ...trouble, acknowledgedWhileFull: 1, succeeded: 0, notRecorded: ['a'] },
      owners: { stops: 0, takenOver: 0, fenced: 0, broken: [] },
      clocks: { cases: 0, broken: [] },
      unhandledRejections: 1,
    };
    expect(shortfalls(nothing)).toHaveLength(9);
  });

  test('are given trouble that can be ended', () => {
    const trouble = makeTrouble({ at: 1, name: 'SQLITE_BUSY', lasting: true });
    expect(trouble.happened).toBe(false);
    trouble.end();
  });
});
