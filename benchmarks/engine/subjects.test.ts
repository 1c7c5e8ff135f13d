import { expect, test } from 'vitest';
import { STEPS, type PrepareSubject } from './chain.ts';
import { prepareMastra } from './subjects/mastra.ts';
import { preparePaceline } from './subjects/paceline.ts';
import { preparePlainLoop } from './subjects/plain-loop.ts';
import { prepareXStateActor } from './subjects/xstate-actor.ts';

const SUBJECTS: readonly (readonly [string, PrepareSubject])[] = [
  ['plain loop', preparePlainLoop],
  ['xstate actor', prepareXStateActor],
  ['mastra', prepareMastra],
  ['paceline', preparePaceline],
];

test.each(SUBJECTS)('%s runs all ten steps', async (_, prepare) => {
  const runChain = await prepare();
  expect(await runChain(0)).toBe(STEPS);
  expect(await Promise.all([runChain(1), runChain(2)])).toEqual([STEPS + 1, STEPS + 2]);
});
