import { AbortReason } from '@paceline/resilience';
import type { Deadline } from '@paceline/resilience';
import { startedBy } from '../define/child.ts';
import { check } from '../define/schema.ts';
import type { Step } from '../define/step.ts';
import { EngineError } from '../errors.ts';
import { mayHaveTakenEffect } from './doubt.ts';
import { messageOf } from './failure.ts';
import { stepDeadline } from './floor.ts';
import { runInnerStep } from './inner-step.ts';
import { runMapStep } from './map/map-step.ts';
import { assertWorthBeginning } from './outlook.ts';
import type { PendingStep } from './record.ts';
import { resultOf } from './step-result.ts';
import type { StepResult } from './step-result.ts';
import type { RunContext, StepRun } from './step-run.ts';

/** A visit as it begins. */
export type BegunVisit = Pick<StepRun, 'pending' | 'inDoubt' | 'stop' | 'record' | 'tell' | 'report'>;

/** Runs one visit of a step. Settles by the step's deadline or when it is stopped, and never rejects. */
export function runStep(context: RunContext, visit: BegunVisit): Promise<StepResult> {
  const { pending, inDoubt, stop, record, tell, report } = visit;
  const cost: Pick<StepRun, 'attempts' | 'childSpends' | 'stopped'> = {
    attempts: [],
    childSpends: [],
    stopped: [],
  };
  const work = (): Promise<unknown> => {
    const step = context.info.steps[pending.step];
    if (step === undefined)
      throw new EngineError('WORKFLOW_INVALID', `There is no step \`${pending.step}\`.`);
    checkVisits(step, pending);
    if (isUntouched(visit)) assertWorthBeginning(pending, context);
    const deadline = deadlineOf(step, visit, context);
    const input = check(step.input, pending.input);
    if (!input.ok) throw new EngineError('STEP_INPUT_INVALID', input.problem);
    const { attempts, childSpends, stopped } = cost;
    // By name: every step of every run passes here, and spreading two objects is dear.
    const run = {
      pending,
      inDoubt,
      stop,
      record,
      tell,
      report,
      attempts,
      childSpends,
      stopped,
      context,
      deadline,
    };
    return step.kind === 'map'
      ? runMapStep(step, input.value as readonly unknown[], run)
      : runInnerStep(step, input.value, run);
  };
  return resultOf(work, { pending, ...cost });
}

/** Nobody has worked on it before. */
function isUntouched({ pending, inDoubt }: BegunVisit): boolean {
  return !inDoubt && pending.progress.length === 0;
}

const DEFAULT_MAX_VISITS = 1_000;

/** A loop that its author did not bound ends all the same. */
function checkVisits({ maxVisits = DEFAULT_MAX_VISITS }: Step, { step, visit }: PendingStep): void {
  if (visit <= maxVisits) return;
  throw new EngineError('VISIT_LIMIT_REACHED', `\`${step}\` was visited ${maxVisits} times already.`);
}

/**
 * A step in doubt goes on even if there is no time for it, to its first question: child runs have to be found and stopped, and what may have taken
 * effect is `UNCERTAIN`, not undone.
 */
function deadlineOf(step: Step, { pending, inDoubt, stop }: BegunVisit, context: RunContext): Deadline {
  try {
    return stepDeadline(pending, context);
  } catch (error) {
    const hasLeftWork = startedBy(step).length > 0 || mayHaveTakenEffect(step, pending);
    if (!inDoubt || !hasLeftWork) throw error;
    stop.stop(new AbortReason('deadline', messageOf(error)));
    return { atMs: context.clock.nowMs() };
  }
}
