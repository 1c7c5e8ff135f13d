import { startedBy } from '../../define/child.ts';
import { EngineError } from '../../errors.ts';
import type { JournalStore } from '../../journal/store.ts';
import type { StoppedChild } from '../record.ts';
import type { Spend } from '../spend.ts';
import type { RunContext } from '../step-run.ts';

/** Child runs that an owner before this one has left stopping: what they have spent is in the run's budget before anything else is. */
export async function countStopping(
  stopping: readonly StoppedChild[],
  { budget, attached }: RunContext,
  journal: Pick<JournalStore, 'load'>,
): Promise<void> {
  for (const { runId } of stopping) {
    budget.money.add((await journal.load(runId))?.spend.knownUsd ?? 0);
    attached.add(runId);
  }
}

/**
 * Stops a child run. @returns what it has spent, once it has come to rest
 * @throws EngineError `WORKFLOW_INVALID` if its step starts no runs any more, and what `ChildRuns.stop` throws
 */
export async function spendAtRest({ runId, token, step }: StoppedChild, context: RunContext): Promise<Spend> {
  const [workflow] = startedBy(context.info.steps[step]);
  if (workflow === undefined) {
    throw new EngineError(
      'WORKFLOW_INVALID',
      `Step \`${step}\` has started run ${runId}, and starts none any more.`,
    );
  }
  return context.children.stop({
    runId,
    workflow,
    parent: { runId: context.runId, token },
    depth: context.depth + 1,
    budget: context.budget,
    isAttached: context.attached.has(runId),
  });
}
