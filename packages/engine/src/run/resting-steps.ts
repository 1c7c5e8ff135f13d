import { pendingByToken } from './in-flight.ts';
import type { StepReport } from './outcome.ts';
import type { PendingStep, RunEvent, RunRecord } from './record.ts';
import { attemptsOf } from './progress.ts';
import { reportEnd } from './step-report.ts';
import type { EndedVisit } from './step-report.ts';
import type { Tell } from './tell.ts';
import { failureBy } from './waits.ts';

/** A run before and after an event. */
export interface Taken {
  readonly before: RunRecord | null;
  readonly after: RunRecord;
  readonly event: RunEvent;
}

/** Tells what a step waits for. */
export function tellOfRest({ step, visit, wait, workedMs = 0 }: PendingStep, tell: Tell): void {
  if (wait !== undefined) tell({ type: 'step-wait', step, visit, wait, ms: workedMs });
}

const NONE: readonly StepReport[] = [];

/** Tells what an event means to the steps that rested: they have no visit that would. @returns the reports of those that ended */
export function tellOfRests({ before, after, event }: Taken, tell: Tell): readonly StepReport[] {
  if (before === null) return NONE;
  let reports: StepReport[] | undefined;
  for (const id in before.pending) {
    const pending = before.pending[id];
    if (pending?.wait === undefined) continue;
    const { token, step, visit, progress, workedMs = 0 } = pending;
    const answer = event.type === 'step-answer' && event.token === token ? event.answer : undefined;
    if (answer !== undefined) tell({ type: 'step-answer', step, visit, answer });
    if (pendingByToken(after, token) !== undefined) continue;
    const result = resultBy(event, step);
    const ended = { pending, result, ms: workedMs, attempts: progress.flatMap(attemptsOf) };
    (reports ??= []).push(reportEnd(ended, tell));
  }
  return reports ?? NONE;
}

/** How the event that took a resting step out of flight ended it. */
function resultBy(event: RunEvent, step: string): EndedVisit['result'] {
  switch (event.type) {
    case 'step-answer':
      if (event.answer.type === 'done') return { output: event.answer.output };
      if (event.answer.type === 'failed') return { failure: failureBy(event.answer, step) };
      break;
    case 'cancel':
      return { failure: { code: 'CANCELLED', message: event.reason, step } };
    case 'deadline':
      return {
        failure: { code: 'DEADLINE_EXCEEDED', message: 'The run ended before it was answered.', step },
      };
  }
  return { failure: { code: 'CANCELLED', message: 'The run no longer waited for it.', step } };
}
