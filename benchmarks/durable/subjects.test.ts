import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { STEPS } from '../engine/chain.ts';
import { prepareBare } from './subjects/bare.ts';
import { preparePacelineDurable } from './subjects/paceline.ts';

const folder = mkdtempSync(join(tmpdir(), 'paceline-durable-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['bare', prepareBare],
  ['paceline', preparePacelineDurable],
] as const)('%s runs all ten steps', async (name, prepare) => {
  const subject = prepare(join(folder, `${name}.db`));
  expect(await Promise.all([subject.runChain(0), subject.runChain(1)])).toEqual([STEPS, STEPS + 1]);
  await subject.close();
});
