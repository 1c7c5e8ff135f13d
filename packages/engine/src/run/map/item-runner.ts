import { AbortReason } from '@paceline/resilience';
import { startedBy } from '../../define/child.ts';
import type { StepResult } from '../step-result.ts';
import { passOn } from '../stop-switch.ts';
import { Item } from './item.ts';
import type { ItemWork } from './item.ts';
import { itemResult } from './recall.ts';
import type { Tally } from './tally.ts';

/** Begins, records and stops the items of one visit. */
export class ItemRunner {
  /** What ends the visit and is no item's failure: its run does not wait for it any more. */
  broken: unknown;
  private readonly work: ItemWork;
  private readonly tally: Tally;
  private readonly open = new Set<Item>();

  constructor(work: ItemWork, tally: Tally) {
    this.work = work;
    this.tally = tally;
    work.run.stop.signal.addEventListener('abort', () => this.stopAll(), { once: true });
  }

  /** Never rejects. An item that is not begun, because there is no sense in it any more, leaves no trace. */
  async run(index: number): Promise<void> {
    if (this.isOver && !this.hasChild(index)) return;
    const item = new Item(index, this.work);
    this.open.add(item);
    if (this.isOver) this.stopAll();
    const result = await item.result();
    const isTaken = await this.recordEnd(item, result);
    item.report(result, isTaken);
    this.open.delete(item);
    if (this.isOver) this.stopAll();
  }

  private async recordEnd(item: Item, result: StepResult): Promise<boolean> {
    const { run } = this.work;
    if (!this.isOver) {
      try {
        const end = item.end(result);
        await run.record(end);
        this.tally.add(end.index, itemResult(end));
        return true;
      } catch (error) {
        this.broken ??= error;
      }
    }
    // The end of the visit says what it has cost.
    const { attempts, childSpend, stopped = [] } = result;
    run.attempts.push(...attempts);
    run.stopped.push(...stopped);
    if (childSpend !== undefined) run.childSpends.push(childSpend);
    return false;
  }

  private get isOver(): boolean {
    const { stop } = this.work.run;
    return stop.reason !== undefined || this.broken !== undefined || this.tally.failure !== undefined;
  }

  private stopAll(): void {
    const { stop } = this.work.run;
    for (const each of this.open) {
      if (stop.reason === undefined) each.stop.stop(new AbortReason('superseded', 'The other items failed.'));
      else passOn(stop, each.stop);
    }
  }

  /** A child that was started before a restart has to be found again, if only to be stopped. */
  private hasChild(index: number): boolean {
    const { step, run } = this.work;
    return startedBy(step).length > 0 && run.pending.items?.open[index] !== undefined;
  }
}
