import { attemptsOf } from '../progress.ts';
import type { ItemProgress, VisitProgress } from '../progress.ts';
import type { ItemsInFlight, PendingStep, RunRecord } from '../record.ts';
import { addCost, addSpend } from '../spend.ts';
import { withLeft } from '../stopping.ts';
import { withSettled } from './settled.ts';

export function isItemProgress(progress: VisitProgress): progress is ItemProgress {
  return 'index' in progress;
}

const NO_ITEMS: ItemsInFlight = { settled: '', open: {} };

/**
 * What a `map` records about an item: the row keeps which ones have ended, and what the open ones have done; outputs stand in the journal only.
 * @returns `null` for an item that has ended
 */
export function withItemProgress(
  record: RunRecord,
  pending: PendingStep,
  progress: ItemProgress,
): RunRecord | null {
  const items = itemsAfter(pending.items ?? NO_ITEMS, progress);
  if (items === null) return null;
  const { invokeId } = pending;
  const stopped = progress.type === 'item-end' ? progress.stopped : undefined;
  return {
    ...withLeft(record, pending, stopped),
    pending: { ...record.pending, [invokeId]: { ...pending, items } },
    spend:
      progress.type === 'item-end'
        ? addCost(record.spend, invokeId, progress)
        : addSpend(record.spend, invokeId, attemptsOf(progress)),
  };
}

function itemsAfter({ settled, open }: ItemsInFlight, progress: ItemProgress): ItemsInFlight | null {
  const { index } = progress;
  const ended = withSettled(settled, index);
  if (ended === null) return null;
  switch (progress.type) {
    case 'item-start':
      return { settled, open: { ...open, [index]: open[index] ?? [] } };
    case 'item-progress':
      return { settled, open: { ...open, [index]: [...(open[index] ?? []), progress.progress] } };
    case 'item-end': {
      const { [index]: _, ...rest } = open;
      return { settled: ended, open: rest };
    }
  }
}
