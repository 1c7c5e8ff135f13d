import type { Gateway } from '@paceline/gateway';
import { AbortReason, systemClock, systemRandom } from '@paceline/resilience';
import type { Clock, Random } from '@paceline/resilience';
import type { EventEmitter } from 'eventemitter3';
import type { Workflow } from './define/workflow.ts';
import type { EngineEvent, EngineEvents } from './events.ts';
import { memoryJournal } from './journal/memory-store.ts';
import type { JournalStore } from './journal/store.ts';
import { ActiveRuns } from './run/active-runs.ts';
import { EventLog } from './run/event-log.ts';
import type { RunOutcome } from './run/outcome.ts';
import type { RunOptions } from './run/run.ts';

export interface EngineOptions {
  readonly gateway: Gateway;
  /** @default memoryJournal() */
  readonly journal?: JournalStore;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
  /**
   * Development aid: after every run, fold its journal again and compare. A difference means that a guard, `assign` or
   * mapper is not pure; `result` then rejects with `WORKFLOW_INVALID`, naming the value. @default false
   */
  readonly replayCheck?: boolean;
}

/** Runs workflows. Several engines may live in one process; they share nothing. */
export interface Engine {
  /** Starts a run and waits for its end. A run that fails is an outcome; only misuse throws. @throws EngineError see `start` */
  run<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: NoInfer<Input>,
    options?: RunOptions,
  ): Promise<RunOutcome<Output>>;
  /**
   * Starts a run. The handle's `result` rejects only for misuse:
   * @throws EngineError `WORKFLOW_INVALID`, `RUN_EXISTS` or `ENGINE_CLOSED`.
   */
  start<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: NoInfer<Input>,
    options?: RunOptions,
  ): RunHandle<Output>;
  readonly events: EventEmitter<EngineEvents>;
  /** Takes no further runs, waits up to `drainMs` for those in flight (default 0), cancels the rest and waits for their ends. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

export interface RunHandle<Output> {
  readonly runId: string;
  readonly result: Promise<RunOutcome<Output>>;
  /** The run's events from its start; ends after `run-end`. */
  readonly events: AsyncIterable<EngineEvent>;
  /** Reaches every socket, timer and body of the run in the same turn. A run that has ended takes no notice. */
  cancel(reason?: string): void;
}

/** Everything that is not handed in comes from its default. The gateway and the journal stay the caller's to close. */
export function createEngine({
  gateway,
  journal = memoryJournal(),
  clock = systemClock,
  random = systemRandom,
  replayCheck = false,
}: EngineOptions): Engine {
  const runs = new ActiveRuns({ gateway, journal, clock, random, replayCheck });

  function start<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: NoInfer<Input>,
    options: RunOptions = {},
  ): RunHandle<Output> {
    const log = new EventLog();
    const run = runs.start({ workflow, input, options, onEvent: (event) => log.push(event) });
    const result = run.result.finally(() => log.close());
    // Whoever only reads the events must not be brought down by a result nobody awaits.
    result.catch(() => {});
    return {
      runId: run.runId,
      result: result as Promise<RunOutcome<Output>>,
      events: log,
      cancel: (reason = 'Cancelled by the caller.') => run.cancel(new AbortReason('user', reason)),
    };
  }

  return {
    start,
    run<Input, Output>(workflow: Workflow<Input, Output>, input: Input, options: RunOptions = {}) {
      return runs.start({ workflow, input, options }).result as Promise<RunOutcome<Output>>;
    },
    events: runs.events,
    close: ({ drainMs = 0 } = {}) => runs.close(drainMs),
  };
}
