import type { Failure } from '../define/failure.ts';
import { FIRST_VERSION, workflowInfo } from '../define/workflow.ts';
import { activeRun, toOutcome } from './active-run.ts';
import type { ActiveRun } from './active-run.ts';
import type { Claimed } from './driver-options.ts';
import type { Letter } from './inbox.ts';
import { refusedOutcome } from './outcome.ts';
import type { RunOutcome } from './outcome.ts';
import { callerOf, totalMsOf } from './run-order.ts';
import type { RunHost, RunOrder } from './run-order.ts';
import { partsOf } from './run-parts.ts';
import type { Parts } from './run-parts.ts';
import { checkRecorded } from './schema.ts';
import { secretOf } from './secrets.ts';
import type { RunContext } from './step-run.ts';
import type { Told } from './tell.ts';

/** Starts a run. */
export function startRun(order: RunOrder, host: RunHost): ActiveRun {
  const { workflow, options } = order;
  const { budget } = workflowInfo(workflow);
  const parts = partsOf(order, host, {
    startedMs: host.clock.nowMs(),
    startedEpochMs: host.clock.epochMs(),
    totalMs: totalMsOf(workflow, options),
    labels: options.labels ?? {},
    caller: callerOf(options),
    capUsd: budget.usd ?? null,
    spentUsd: 0,
  });
  return activeRun(conduct(order, host, parts), parts);
}

/** A run that another owner began, and the run's wall time when it was last heard of. */
export interface ResumeOrder extends Omit<RunOrder, 'runId' | 'input'> {
  readonly claimed: Claimed;
  readonly lastEpochMs: number;
}

/**
 * Goes on with a run. Its deadline is the one it was given: what is left of it is what was left when it was last heard of, less the
 * time it lay still. A wall clock that went back meanwhile gives it nothing, one that went ahead takes it; neither touches a run
 * whose deadline stands still.
 */
export function resumeRun({ claimed, lastEpochMs, ...order }: ResumeOrder, host: RunHost): ActiveRun {
  const { record } = claimed;
  const { runId, startedEpochMs, expiresEpochMs, labels, caller = {}, capUsd, spend, seq } = record;
  const waitedMs = record.waiting?.waitedMs ?? 0;
  const nowEpochMs = Math.max(lastEpochMs, host.clock.epochMs());
  const parts = partsOf({ ...order, runId }, host, {
    startedMs: host.clock.nowMs() - (nowEpochMs - startedEpochMs),
    startedEpochMs,
    totalMs: expiresEpochMs - startedEpochMs - waitedMs,
    waitedMs,
    labels,
    caller,
    capUsd,
    spentUsd: spend.knownUsd,
  });
  const { context, driver, tell } = parts;
  tell({
    type: 'run-resume',
    workflowId: context.info.id,
    labels,
    ...(record.parent !== undefined && { parentRunId: record.parent.runId }),
    seq,
    leftMs: Math.max(0, expiresEpochMs - (record.waiting?.sinceEpochMs ?? nowEpochMs)),
  });
  const outcome = toOutcome(() => driver.resume(claimed), { ...order, host, parts });
  return activeRun(outcome, parts);
}

/** From the input to the outcome. */
async function conduct(order: RunOrder, host: RunHost, parts: Parts): Promise<RunOutcome<unknown>> {
  const { context, driver, tell } = parts;
  const input = checkRecorded(context.info.input, order.input);
  if (!input.ok) return refuseStart(parts, { code: 'INPUT_INVALID', message: input.problem });
  const { runId, labels, caller, totalMs, budget } = context;
  const start: Letter = {
    event: {
      type: 'run-start',
      runId,
      ...(context.info.version !== FIRST_VERSION && { version: context.info.version }),
      input: input.value,
      labels,
      ...(Object.keys(caller).length > 0 && { caller }),
      ...(order.inherited !== undefined && { parent: order.inherited.parent }),
      totalMs,
      ...(context.info.budget.waiting === 'free' && { waiting: 'free' as const }),
      capUsd: budget.money.capUsd,
    },
    answered: () => tell(runStart(context)),
  };
  const secret = secretOf(start.event, 'What the run is given', context.secretIn);
  if (secret !== undefined) return refuseStart(parts, secret);
  const { workflow, options } = order;
  return toOutcome(() => driver.drive(start), { workflow, options, host, parts });
}

/** Nothing is recorded for an input that does not fit, or of which nothing may be recorded. */
function refuseStart({ context, tell }: Parts, failure: Failure): RunOutcome<unknown> {
  tell(runStart(context));
  return refusedOutcome(context.runId, failure);
}

export function runStart({ info, labels, parentRunId, totalMs }: RunContext): Told {
  const ofParent = parentRunId === undefined ? {} : { parentRunId };
  return { type: 'run-start', workflowId: info.id, labels, ...ofParent, totalMs };
}
