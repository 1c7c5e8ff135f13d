import { createRetryBudget, deadlineIn } from '@paceline/resilience';
import { startedBy } from '../define/child.ts';
import type { Failure } from '../define/failure.ts';
import { check } from '../define/schema.ts';
import { EngineError } from '../errors.ts';
import { runBody } from './body.ts';
import type { Body } from './body.ts';
import { findUndo } from './child/find-undo.ts';
import { stepFailure } from './failure.ts';
import type { Inbox, Letter } from './inbox.ts';
import type { Undo } from './record.ts';
import type { RunContext } from './step-run.ts';
import { StopSwitch } from './stop-switch.ts';
import type { Tell } from './tell.ts';
import { stepOf, undoable } from './undo.ts';

const DEFAULT_ATTEMPTS = 5;
const DEFAULT_MS = 30_000;

/** Where the idempotency key of a visit's tool calls counts from 0, that of its compensation has this. */
const UNDO_INDEX = -2;

export interface Undoing {
  readonly context: RunContext;
  readonly stop: StopSwitch;
}

/**
 * Undoes one visit: in a time of its own, with attempts of its own, because the run's may be used up already. Never rejects.
 * @returns why it could not be undone, if so
 */
async function compensate(undo: Undo, { context, stop }: Undoing): Promise<Failure | undefined> {
  try {
    const step = undoable(stepOf(context.info, undo));
    if (step === undefined) {
      throw new EngineError('WORKFLOW_INVALID', `Step \`${undo.step}\` has no \`compensate\` any more.`);
    }
    const { compensateAttempts: attempts = DEFAULT_ATTEMPTS, compensateMs = DEFAULT_MS } = step;
    const input = check(step.input, undo.input);
    if (!input.ok) throw new EngineError('STEP_INPUT_INVALID', input.problem);
    const { output = null } = undo;
    const body: Body = {
      name: undo.step,
      effect: 'idempotent',
      attempts,
      toolIndex: UNDO_INDEX,
      run: ({ signal, idempotencyKey }) =>
        step.compensate({ input: input.value, output, signal, idempotencyKey }),
    };
    const { runId = context.runId } = undo.within ?? {};
    const own = { ...context, runId, budget: { ...context.budget, retries: createRetryBudget() } };
    const deadline = deadlineIn(context.clock, compensateMs);
    await runBody(body, input.value, { context: own, deadline, stop, pending: undo });
    return undefined;
  } catch (error) {
    return stepFailure(error, undo.step);
  }
}

export interface CompensationHost {
  readonly context: RunContext;
  readonly inbox: Inbox;
  readonly tell: Tell;
}

/** Begins to undo one visit; how it went comes with the run's letters. @returns what ends it early */
export function beginCompensation(undo: Undo, host: CompensationHost): StopSwitch {
  const { context, inbox, tell } = host;
  const stop = new StopSwitch();
  if (startedBy(stepOf(context.info, undo)).length > 0) {
    void findUndo(undo, context).then(
      (found) => inbox.put({ event: { type: 'undo-found', token: undo.token, undo: found } }),
      (error: unknown) => inbox.put(endOf(undo, stepFailure(error, undo.step), tell)),
    );
    return stop;
  }
  tell({ type: 'compensation-start', ...nameOf(undo) });
  void compensate(undo, { context, stop }).then((failure) => inbox.put(endOf(undo, failure, tell)));
  return stop;
}

function endOf(undo: Undo, failure: Failure | undefined, tell: Tell): Letter {
  const ended = failure === undefined ? {} : { failure };
  const { childRunId } = nameOf(undo);
  return {
    event: {
      type: 'compensation-end',
      token: undo.token,
      ...(childRunId !== undefined && { childRunId }),
      ...ended,
    },
    answered: () => tell({ type: 'compensation-end', ...nameOf(undo), ...ended }),
  };
}

function nameOf({ step, visit, within }: Undo) {
  return { step, visit, ...(within !== undefined && { childRunId: within.runId }) };
}
