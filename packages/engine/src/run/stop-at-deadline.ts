import { AbortReason, remainingMs } from '@paceline/resilience';
import type { Timer } from '@paceline/resilience';
import type { StepRun } from './step-run.ts';

/** Stops a visit's work when its time is over. Cancel the timer when the work has ended. */
export function stopAtDeadline({
  stop,
  deadline,
  context,
}: Pick<StepRun, 'stop' | 'deadline' | 'context'>): Pick<Timer, 'cancel'> {
  const leftMs = remainingMs(deadline, context.clock);
  return context.stepTimer.set(leftMs, () => {
    stop.stop(new AbortReason('deadline', `No result within ${Math.round(leftMs)} ms.`));
  });
}
