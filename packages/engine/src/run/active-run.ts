import { AbortReason } from '@paceline/resilience';
import type { Workflow } from '../define/workflow.ts';
import { runEnded } from './delivery.ts';
import type { Driver } from './driver.ts';
import { messageOf } from './failure.ts';
import type { Receipt, RunMessage } from './message.ts';
import { outcomeOf } from './outcome.ts';
import type { RunOutcome } from './outcome.ts';
import type { RunRecord } from './record.ts';
import { checkReplay } from './replay.ts';
import type { RunHost, RunOptions } from './run-order.ts';
import type { Parts } from './run-parts.ts';
import { assertNoSecret, withoutSecretReason } from './secrets.ts';
import type { Tell } from './tell.ts';

export interface ActiveRun {
  /** @throws EngineError `RUN_EXISTS`, `FENCED`, `WORKFLOW_INVALID` (replay check), and whatever the journal throws */
  readonly result: Promise<RunOutcome<unknown>>;
  readonly tell: Tell;
  /** @throws EngineError as `Driver.deliver` does, or what `result` rejects with if the run is given up first */
  deliver(message: RunMessage): Promise<Receipt>;
  cancel(reason: AbortReason): void;
  /** Stops working on it and leaves it unfinished in the journal; `result` rejects with `reason`. */
  leave(reason: Error): void;
}

export function activeRun(
  outcome: Promise<RunOutcome<unknown>>,
  { context, tell, driver }: Parts,
): ActiveRun {
  const result = outcome.then((ended) => {
    tell({ type: 'run-end', outcome: ended });
    return ended;
  });
  return {
    result,
    tell,
    deliver: async (message) => {
      assertNoSecret(message, 'The message', context.secretIn);
      const over = result.then(() => {
        throw runEnded(context.runId);
      });
      return Promise.race([driver.deliver(message), over]);
    },
    cancel: (reason) => driver.cancel(withoutSecretReason(reason, context.secretIn)),
    leave: (reason) => driver.leave(reason),
  };
}

interface Driven {
  readonly workflow: Workflow;
  readonly options: RunOptions;
  readonly host: RunHost;
  readonly parts: Parts;
}

/** Not async: what it takes to begin, the input or a record, is not to be held for as long as the run goes on. */
export function toOutcome(drive: () => Promise<RunRecord>, driven: Driven): Promise<RunOutcome<unknown>> {
  const { signal } = driven.options;
  if (signal === undefined) return outcomeAfter(drive(), driven);
  const stopListening = cancelOn(signal, driven.parts.driver);
  return outcomeAfter(drive(), driven).finally(stopListening);
}

function outcomeAfter(
  driving: Promise<RunRecord>,
  { workflow, host, parts }: Driven,
): Promise<RunOutcome<unknown>> {
  const { context, driver } = parts;
  return driving.then((record) => {
    const ms = host.clock.nowMs() - context.startedMs;
    const outcome = () => outcomeOf(record, { ms, totalMs: context.totalMs, steps: driver.reports });
    return host.replayCheck ? checkReplay(workflow, host.journal, record).then(outcome) : outcome();
  });
}

/** @returns what stops it from listening */
export function cancelOn(signal: AbortSignal | undefined, run: Pick<Driver, 'cancel'>): () => void {
  if (signal === undefined) return () => {};
  const cancel = () => run.cancel(new AbortReason('user', messageOf(signal.reason)));
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
