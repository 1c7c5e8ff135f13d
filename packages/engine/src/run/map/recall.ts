import type { Json } from '@paceline/gateway';
import type { ItemResult } from '../../define/step.ts';
import type { ItemProgress } from '../progress.ts';
import type { StepRun } from '../step-run.ts';
import { readStepToken } from '../token.ts';

type ItemEnd = ItemProgress & { readonly type: 'item-end' };

/** How the items ended that an owner before this one has seen end, out of the run's journal. */
export async function recallItems({
  context,
  pending,
}: StepRun): Promise<ReadonlyMap<number, ItemResult<Json>>> {
  const results = new Map<number, ItemResult<Json>>();
  if (pending.items === undefined) return results;
  const { seq } = readStepToken(context.runId, pending.token);
  for await (const { event } of context.entries(seq + 1)) {
    if (event.type !== 'step-progress' || event.token !== pending.token) continue;
    if (event.progress.type === 'item-end') results.set(event.progress.index, itemResult(event.progress));
  }
  return results;
}

export function itemResult({
  failure,
  output = null,
}: Pick<ItemEnd, 'failure' | 'output'>): ItemResult<Json> {
  return failure === undefined ? { ok: true, output } : { ok: false, failure };
}
