import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { failEach, FETCH_NAMES } from './nth.ts';

const folder = mkdtempSync(join(tmpdir(), 'paceline-fetch-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(FETCH_NAMES)('a chain of models outlives each request that fails: %s', async (name) => {
  const report = await failEach(folder, { of: 'fetch', names: [name] });
  expect(report.broken).toEqual([]);
  expect(report.operations).toBe(4);
  expect(report.succeeded).toBeGreaterThan(0);
  expect(report.degraded).toBeGreaterThan(0);
});
