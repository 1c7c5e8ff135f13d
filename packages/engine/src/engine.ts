import type { Gateway } from '@paceline/gateway';
import type { Clock, Random } from '@paceline/resilience';
import type { EventEmitter } from 'eventemitter3';
import type { Workflow } from './define/workflow.ts';
import type { EngineEvent, EngineEvents } from './events.ts';
import type { JournalStore } from './journal/store.ts';
import type { RunOutcome } from './run/outcome.ts';

export interface EngineOptions {
  readonly gateway: Gateway;
  /** @default memoryJournal() */
  readonly journal?: JournalStore;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
  /**
   * Development aid: after every run, fold its journal again and compare; a difference means a guard, `assign` or input
   * mapper is not pure, and the run fails `MACHINE_FAILED`. @default false
   */
  readonly replayCheck?: boolean;
}

export interface RunOptions {
  /** Tightens the workflow's `budget.totalMs` for this run. */
  readonly deadlineMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
  /** The caller's own id; starting a second run with it fails with `RUN_EXISTS`. @default a random one */
  readonly runId?: string;
}

/** Runs workflows. Several engines may live in one process; they share nothing. */
export interface Engine {
  /** Starts a run and waits for its end. A run that fails is an outcome; only misuse throws. @throws EngineError see `start` */
  run<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): Promise<RunOutcome<Output>>;
  /**
   * Starts a run. The handle's `result` rejects only for misuse:
   * @throws EngineError `WORKFLOW_INVALID`, `RUN_EXISTS` or `ENGINE_CLOSED`.
   */
  start<Input, Output>(
    workflow: Workflow<Input, Output>,
    input: Input,
    options?: RunOptions,
  ): RunHandle<Output>;
  readonly events: EventEmitter<EngineEvents>;
  /** Takes no further runs, waits up to `drainMs` for those in flight (default 0), cancels the rest, closes the journal. */
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

export declare function createEngine(options: EngineOptions): Engine;
