import { EngineError } from '../../errors.ts';
import type { JournalStore } from '../../journal/store.ts';
import { outcomeOf } from '../outcome.ts';
import { claimRun } from '../recover.ts';
import type { Recovered } from '../recover.ts';
import type { RunRecord } from '../record.ts';
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
  const record = claimed?.record ?? (await endedRecord(order, host));
  // What it has spent is not in its parent's record yet.
  order.budget.money.add(record.spend.knownUsd);
  if (claimed !== null) return host.resume(claimed, order);
  const ended = outcomeOf(record, { ms: 0, totalMs: 0, steps: [] });
  return { result: Promise.resolve(ended), cancel: () => {}, leave: () => {} };
}

async function endedRecord({ runId }: ChildOrder, { journal }: ChildHost): Promise<RunRecord> {
  const record = await journal.load(runId);
  if (record === undefined) throw new EngineError('JOURNAL_DAMAGED', `Run ${runId} is gone.`);
  return record;
}
