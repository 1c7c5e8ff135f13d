import { expect, test } from 'vitest';
import { z } from 'zod';
import { child } from '../../define/child.ts';
import { code } from '../../define/steps.ts';
import { flow } from '../../test-support/nested.ts';
import { scriptedWorld } from '../../test-support/one-step.ts';

const anything = z.json();

test('a child run gives its output to its parent', async () => {
  const { clock, engine, journal } = scriptedWorld();
  const inner = flow('inner', code({ input: anything, output: anything, effect: 'pure', run: () => 'seen' }));
  const outer = flow('outer', child(inner));
  const outcome = await clock.run(engine.run(outer, { n: 1 }, { runId: 'run' }));
  console.log(JSON.stringify(outcome), await journal.list({}));
  expect(outcome).toMatchObject({ ok: true, output: 'seen' });
});
