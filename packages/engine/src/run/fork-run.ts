import type { Workflow } from '../define/workflow.ts';
import { workflowInfo } from '../define/workflow.ts';
import { activeRun, toOutcome } from './active-run.ts';
import type { ActiveRun } from './active-run.ts';
import { forked } from './fork.ts';
import type { ForkPoint } from './fork.ts';
import type { Letter } from './inbox.ts';
import { runStart } from './run.ts';
import { callerOf } from './run-order.ts';
import type { RunHost, RunOptions, RunOrder } from './run-order.ts';
import { partsOf } from './run-parts.ts';
import { assertNoSecret } from './secrets.ts';

/** Its labels, tenant and criticality are the source's where they are not given. */
export interface ForkOptions extends RunOptions {
  /** The fork begins where the run was after this entry; 1 is the entry that began it. */
  readonly atSeq: number;
  /** Values of the context that are others in the fork, by path: `{ 'context.plan.item': 'pen' }`. */
  readonly set?: Readonly<Record<string, unknown>>;
}

/** A fork as it was asked for. */
export interface ForkOrder extends Omit<RunOrder, 'input' | 'options'> {
  readonly workflow: Workflow;
  readonly point: ForkPoint;
  readonly options: ForkOptions;
}

/**
 * Starts a run from a point of another one, with a whole budget of time and money.
 * @throws EngineError `FORK_INVALID`
 */
export function forkRun(order: ForkOrder, host: RunHost): ActiveRun {
  const { runId, workflow, point, options } = order;
  const { budget } = workflowInfo(workflow);
  const labels = options.labels ?? point.record.labels;
  const caller = { ...point.record.caller, ...callerOf(options) };
  const capUsd = budget.usd ?? null;
  const totalMs = Math.min(budget.totalMs, options.deadlineMs ?? Number.POSITIVE_INFINITY);
  const startedEpochMs = host.clock.epochMs();
  const own = { labels, caller, capUsd, totalMs, startedEpochMs };

  const record = forked(point, { ...own, workflow, runId, set: options.set ?? {} });
  assertNoSecret(record, 'The fork', host.secretIn);
  const parts = partsOf(order, host, { ...own, startedMs: host.clock.nowMs(), spentUsd: 0 });
  const { runId: sourceId, seq } = point.record;
  const start: Letter = {
    event: { type: 'run-adopt', record, cause: { type: 'fork', runId: sourceId, seq } },
    answered: () => parts.tell(runStart(parts.context)),
  };
  return activeRun(
    toOutcome(() => parts.driver.drive(start), { ...order, host, parts }),
    parts,
  );
}
