import { AbortReason } from '@paceline/resilience';
import { EngineError } from '../../errors.ts';
import type { JournalStore } from '../../journal/store.ts';
import { outcomeOf } from '../outcome.ts';
import { claimRun } from '../recover.ts';
import type { Recovered } from '../recover.ts';
import type { RunRecord } from '../record.ts';
import { NO_SPEND } from '../spend.ts';
import type { Spend } from '../spend.ts';
import type { ChildOrder, ChildRun, ChildStop, Inheritance } from './contract.ts';

/** Where runs are begun. */
export interface ChildHost {
  readonly journal: JournalStore;
  /** One that is in flight here. */
  find(runId: string): ChildRun | undefined;
  start(order: ChildOrder): ChildRun;
  /** @param signal cancels it */
  resume(recovered: Recovered, order: Inheritance, signal?: AbortSignal): ChildRun;
}

/** Why a child run is cancelled whose parent has gone on without it. */
export const ORPHANED = AbortSignal.abort(
  new AbortReason('superseded', 'The run that had started it no longer waits for it.'),
);

/** See `ChildRuns`. A parent that was taken over finds its child as it was left: its id is the same. */
export async function attachChild(order: ChildOrder, host: ChildHost): Promise<ChildRun> {
  const known = order.inDoubt ? await host.journal.load(order.runId) : undefined;
  if (known === undefined) return host.start(order);
  if (!isOwn(known, order)) {
    throw new EngineError('RUN_EXISTS', `Run ${order.runId} exists already, and is not this step's.`);
  }
  const claimed = await claimRun(host.journal, order.runId, order.workflow);
  const record = claimed?.record ?? (await recordOf(order, host));
  // What it has spent is not in its parent's record yet.
  order.budget.money.add(record.spend.knownUsd);
  if (claimed !== null) return host.resume(claimed, order);
  const ended = outcomeOf(record, { ms: 0, totalMs: 0, steps: [] });
  return { result: Promise.resolve(ended), cancel: () => {}, leave: () => {} };
}

/** See `ChildRuns`. */
export async function stopChild(child: ChildStop, host: ChildHost): Promise<Spend> {
  const atWork = host.find(child.runId) ?? (await leftBehind(child, host));
  if (atWork === undefined) return NO_SPEND;
  if ('knownUsd' in atWork) return atWork;
  atWork.cancel(ORPHANED.reason as AbortReason);
  return (await atWork.result).spend;
}

/** Nobody here works on the child: goes on with it, or says what it has spent if it has ended. `undefined`: it was never begun. */
async function leftBehind(child: ChildStop, host: ChildHost): Promise<ChildRun | Spend | undefined> {
  const known = await host.journal.load(child.runId);
  if (known === undefined || !isOwn(known, child)) return undefined;
  const claimed = await claimRun(host.journal, child.runId, child.workflow);
  const { spend } = claimed?.record ?? (await recordOf(child, host));
  if (!child.isAttached) child.budget.money.add(spend.knownUsd);
  return claimed === null ? spend : host.resume(claimed, child, ORPHANED);
}

function isOwn({ parent }: RunRecord, child: Inheritance): boolean {
  return parent?.token === child.parent.token;
}

async function recordOf({ runId }: { readonly runId: string }, { journal }: ChildHost): Promise<RunRecord> {
  const record = await journal.load(runId);
  if (record === undefined) throw new EngineError('JOURNAL_DAMAGED', `Run ${runId} is gone.`);
  return record;
}
