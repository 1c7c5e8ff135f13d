import { EngineError } from '../../errors.ts';
import type { JournalStore } from '../../journal/store.ts';
import { outcomeOf } from '../outcome.ts';
import { claimRun } from '../recover.ts';
import type { Recovered } from '../recover.ts';
import type { ChildOrder, ChildRun } from './contract.ts';

/** Where runs are begun. */
export interface ChildHost {
  readonly journal: JournalStore;
  start(order: ChildOrder): ChildRun;
  resume(recovered: Recovered, order: ChildOrder): ChildRun;
}

/** See `ChildRuns`. A parent that was taken over finds its child as it was left: its id is the same. */
export async function attachChild(order: ChildOrder, host: ChildHost): Promise<ChildRun> {
  const known = order.inDoubt ? await host.journal.load(order.runId) : undefined;
  if (known === undefined) return host.start(order);
  if (known.parent?.token !== order.parent.token) {
    throw new EngineError('RUN_EXISTS', `Run ${order.runId} exists already, and is not this step's.`);
  }
  const claimed = await claimRun(host.journal, order.runId, order.workflow);
  // What it had spent before is not in its parent's record yet.
  const { spend } = claimed?.record ?? known;
  order.budget.money.add(spend.knownUsd);
  return claimed === null ? endedChild(order, host) : host.resume(claimed, order);
}

async function endedChild({ runId }: ChildOrder, { journal }: ChildHost): Promise<ChildRun> {
  const record = await journal.load(runId);
  if (record === undefined) throw new EngineError('JOURNAL_DAMAGED', `Run ${runId} is gone.`);
  const ended = outcomeOf(record, { ms: 0, totalMs: 0, steps: [] });
  return { result: Promise.resolve(ended), cancel: () => {}, leave: () => {} };
}
