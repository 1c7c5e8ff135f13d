import pLimit from 'p-limit';
import type { MapStep } from '../../define/step.ts';
import { EngineError } from '../../errors.ts';
import type { StepRun } from '../step-run.ts';
import { ItemRunner } from './item-runner.ts';
import { recallItems } from './recall.ts';
import { unsettled } from './settled.ts';
import { Tally } from './tally.ts';

/** More would make one visit of what should be many. */
const MAX_ITEMS = 10_000;

/**
 * Does the inner step with every item, so many at once, each recorded when it has ended: after a restart, only those that had not ended
 * run again. The items share the step's deadline and the run's retries and money.
 * @throws EngineError `STEP_INPUT_INVALID`, and with an item's own code what makes the whole fail
 */
export async function runMapStep(
  { step, concurrency, failure }: MapStep,
  items: readonly unknown[],
  run: StepRun,
): Promise<unknown> {
  checkCount(failure, items.length);
  const tally = new Tally(items.length, failure);
  for (const [index, result] of await recallItems(run)) tally.add(index, result);

  const runner = new ItemRunner({ step, items, run }, tally);
  const open = unsettled(run.pending.items?.settled ?? '', items.length);
  await pLimit(concurrency).map(open, (index) => runner.run(index));

  const reason = run.stop.reason ?? runner.broken ?? tally.failure;
  if (reason !== undefined) throw reason;
  return tally.output;
}

function checkCount(failure: MapStep['failure'], count: number): void {
  if (count > MAX_ITEMS) {
    throw new EngineError(
      'STEP_INPUT_INVALID',
      `${count} items are more than ${MAX_ITEMS}. Give them to several visits.`,
    );
  }
  if (typeof failure === 'object' && failure.atLeast > count) {
    throw new EngineError('STEP_INPUT_INVALID', `${failure.atLeast} items are to succeed, of ${count}.`);
  }
}
