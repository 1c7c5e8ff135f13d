import type { Ledger } from '@paceline/gateway';
import { remainingMs } from '@paceline/resilience';
import type { Clock, Deadline } from '@paceline/resilience';
import type { WorkflowInfo } from '../define/workflow.ts';
import { EngineError } from '../errors.ts';
import type { PendingStep } from './record.ts';

/** From this many samples on, the learned p50 counts and not the declared `expectedMs`. */
const LEARNED_AFTER = 10;

/** Share of the later steps' usual time that is kept for them, and of its own that a step needs to be worth starting. */
const FLOOR_SHARE = 0.5;

/**
 * Kept back from a step for the machine to take its error edge and for the commit, so that a step which uses up its
 * time still lets the run end within the deadline: 10 ms, and no more than a twentieth of what is left.
 */
const SETTLE_MS = 10;
const SETTLE_SHARE = 0.05;

export interface StepTime {
  readonly info: WorkflowInfo;
  /** The run's. */
  readonly deadline: Deadline;
  readonly clock: Clock;
  readonly gateway: { readonly ledger: Ledger };
}

/**
 * How long a step may take: its own `totalMs`, or what the run has left without half of the usual time of the steps
 * that follow. Passing the rest of the deadline through, rather than a share per step, is what measured best.
 * @throws EngineError `DEADLINE_INFEASIBLE` if that is less than half of the step's own usual time: it would only cost
 *   money
 */
export function stepDeadline(pending: PendingStep, { info, deadline, clock, gateway }: StepTime): Deadline {
  // In whole milliseconds, so that the time plan is not weighed anew for each tiny change of a learned value.
  const usualMs = (step: string): number => Math.round(usualStepMs(info, step, gateway.ledger));
  const leftMs = remainingMs(deadline, clock);
  const floorMs = FLOOR_SHARE * info.timePlan.laterMs(pending.invokeId, usualMs);
  const settleMs = Math.min(SETTLE_MS, leftMs * SETTLE_SHARE);
  const ownLimitMs = info.steps[pending.step]?.totalMs ?? Number.POSITIVE_INFINITY;
  const limitMs = Math.min(ownLimitMs, leftMs - settleMs - floorMs);

  const neededMs = FLOOR_SHARE * usualMs(pending.step);
  if (limitMs <= 0 || limitMs < neededMs) {
    throw new EngineError(
      'DEADLINE_INFEASIBLE',
      `${Math.max(0, Math.round(limitMs))} ms are left for \`${pending.step}\`, which usually takes ${usualMs(pending.step)} ms.`,
    );
  }
  return { atMs: clock.nowMs() + limitMs };
}

/** Median of the step's successful visits; what the author expects until there are enough; 0 if nothing is known. */
function usualStepMs({ id, steps }: WorkflowInfo, step: string, ledger: Ledger): number {
  const learned = ledger.latency(stepLatencyKey(id, step));
  if (learned !== null && learned.samples >= LEARNED_AFTER) return learned.p50Ms;
  return steps[step]?.expectedMs ?? learned?.p50Ms ?? 0;
}

export function stepLatencyKey(workflowId: string, step: string): string {
  return `step:${workflowId}/${step}`;
}
