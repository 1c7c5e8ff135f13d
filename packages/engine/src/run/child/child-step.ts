import { remainingMs } from '@paceline/resilience';
import { childWorkflow } from '../../define/child.ts';
import type { ChildStep } from '../../define/step.ts';
import { EngineError } from '../../errors.ts';
import { CarriedFailure } from '../failure.ts';
import { settleMs } from '../floor.ts';
import type { StepRun } from '../step-run.ts';
import { stopAtDeadline } from '../stop-at-deadline.ts';
import { passOn } from '../stop-switch.ts';
import type { StopSwitch } from '../stop-switch.ts';
import { childRunId } from './child-id.ts';
import type { ChildRun } from './contract.ts';

/** Runs below one another. A chain that long is a mistake: every level takes its share of the time. */
const MAX_DEPTH = 8;

/**
 * Starts the child run, or goes on with it, and waits for its end. What stops the visit stops the child in the same turn; how long that takes
 * to come to rest, as it may have to undo what it did, is no longer the visit's time.
 * @throws EngineError `CHILD_TOO_DEEP`, and with the child's own code if it fails
 */
export async function runChildStep(step: ChildStep, run: StepRun): Promise<unknown> {
  const { context, stop } = run;
  if (context.depth >= MAX_DEPTH) {
    throw new EngineError('CHILD_TOO_DEEP', `${MAX_DEPTH} runs stand above it already.`);
  }
  const childId = childRunId(run);
  if (stop.reason !== undefined) {
    if (run.inDoubt) run.stopped.push(childId);
    throw stop.reason;
  }
  const timer = stopAtDeadline(run);
  try {
    const child = await attach(step, run);
    context.attached.add(childId);
    follow(stop, child);
    const end = await stop.race(child.result).catch((reason: unknown) => {
      run.stopped.push(childId);
      throw reason;
    });
    run.childSpends.push(end.spend);
    if (end.ok) return end.output;
    const { code, message } = end.error;
    throw new CarriedFailure({ code, message: `Child run ${childId}: ${message}` });
  } finally {
    timer.cancel();
  }
}

function attach(step: ChildStep, run: StepRun): Promise<ChildRun> {
  const { context, pending, deadline, inDoubt } = run;
  const { runId, depth, labels, caller, budget, clock, children } = context;
  const leftMs = remainingMs(deadline, clock);
  return children.attach({
    runId: childRunId(run),
    workflow: childWorkflow(step),
    // Its own schema parses it.
    input: pending.input,
    parent: { runId, token: pending.token },
    depth: depth + 1,
    budget,
    labels,
    caller,
    limitMs: leftMs - settleMs(leftMs),
    inDoubt,
  });
}

function follow(stop: StopSwitch, child: ChildRun): void {
  const pass = (): void =>
    passOn(stop, { stop: (reason) => child.cancel(reason), leave: (reason) => child.leave(reason) });
  stop.signal.addEventListener('abort', pass, { once: true });
  pass();
}
