import { expect, test } from 'vitest';
import { shortfalls } from './report.ts';
import { scan } from './scan.ts';
import { canaryOf, FORMS, isIn } from './secret.ts';

test('no known secret comes out, whichever path it takes in', { timeout: 120_000 }, async () => {
  const report = await scan({
    seed: 1,
    forms: ['json'],
    secrets: ['key'],
    cliCases: ['refusal', 'config-throws'],
  });
  expect(shortfalls(report)).toEqual([]);
  expect(report.heard).toBeGreaterThan(10);
});

test('a secret would be found in each of its forms, and nothing else is taken for it', () => {
  const secret = canaryOf(1, 'key');
  for (const form of Object.values(FORMS)) expect(isIn(`before ${form(secret)} after`, secret)).toBe(true);
  expect(isIn(canaryOf(2, 'key'), secret)).toBe(false);
  expect(isIn(JSON.stringify(FORMS), secret)).toBe(false);
});

test.each([
  ['a secret came out', { hits: ['input: key in log'] }],
  ['nothing was scanned', { scannedBytes: { log: 0 } }],
  ['there was no case', { cases: 0 }],
  ['there was nothing to hide', { heard: 0 }],
  ['nothing was shown', { silentPaths: ['prompt'] }],
])('the command fails because %s', (why, wrong) => {
  const held = { cases: 1, scannedBytes: { log: 1 }, hits: [], heard: 1, silentPaths: [] };
  expect(shortfalls(held)).toEqual([]);
  expect(shortfalls({ ...held, ...wrong }).join()).toContain(why);
});
