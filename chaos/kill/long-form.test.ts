import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { goOn } from './long-form.ts';

const FORM = { kills: 40, shards: 4, seed: 1 };

const measure = async () => ({ ok: true, shortfalls: [] });

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paceline-long-form-'));
  file = join(folder, 'kills.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('one that was stopped goes on with the part that it was at', async () => {
  const measured: number[] = [];
  const stoppedAt = (stop: number) => async (at: number) => {
    if (at === stop) throw new Error('stopped');
    measured.push(at);
    return { ok: at !== 2, shortfalls: at === 2 ? ['lost: 1'] : [] };
  };
  await expect(goOn(FORM, file, stoppedAt(3))).rejects.toThrow('stopped');
  const done = await goOn(FORM, file, stoppedAt(0));
  expect(measured).toEqual([1, 2, 3, 4]);
  expect(done.map(({ at, ok }) => [at, ok])).toEqual([
    [1, true],
    [2, false],
    [3, true],
    [4, true],
  ]);
});

test('the parts of another one are not taken for its own', async () => {
  await goOn(FORM, file, measure);
  await expect(goOn({ ...FORM, seed: 2 }, file, measure)).rejects.toThrow(/another long form \(40 kills/);
});
