import { AbortReason } from '@paceline/resilience';
import type { Clock, Timer } from '@paceline/resilience';
import { EngineError } from '../errors.ts';
import { cancelOn } from './active-run.ts';
import type { ActiveRun } from './active-run.ts';
import type { Waiter } from './admission.ts';
import { runEnded } from './delivery.ts';
import type { Receipt, RunMessage } from './message.ts';
import { refusedOutcome } from './outcome.ts';
import type { RunOutcome } from './outcome.ts';
import type { Told } from './tell.ts';

export interface QueuedRunOptions {
  readonly runId: string;
  readonly clock: Clock;
  /** The run's whole time, in milliseconds: it counts from the request. */
  readonly totalMs: number;
  readonly signal: AbortSignal | undefined;
  /** Starts the run with the time that is left. */
  readonly begin: (leftMs: number) => ActiveRun;
}

/** A run that waits until its engine has a place for it. Nothing of it is recorded before it has one. */
export class QueuedRun implements ActiveRun, Waiter {
  readonly result: Promise<RunOutcome<unknown>>;
  private readonly options: QueuedRunOptions;
  private readonly requestedMs: number;
  private readonly patience: Timer;
  private readonly stopListening: () => void;
  private readonly begun = Promise.withResolvers<ActiveRun>();
  private readonly settled = Promise.withResolvers<RunOutcome<unknown>>();
  private run: ActiveRun | undefined;

  constructor(options: QueuedRunOptions) {
    const { clock, totalMs, signal } = options;
    this.options = options;
    this.requestedMs = clock.nowMs();
    this.patience = clock.setTimer(totalMs, () => {
      this.settled.resolve(engineBusy(options.runId, totalMs));
    });
    this.result = this.settled.promise.finally(() => this.stopWaiting());
    this.stopListening = cancelOn(signal, this);
  }

  admit(): void {
    this.stopWaiting();
    const waitedMs = this.options.clock.nowMs() - this.requestedMs;
    this.run = this.options.begin(this.options.totalMs - waitedMs);
    this.begun.resolve(this.run);
    this.settled.resolve(this.run.result);
  }

  readonly tell = (event: Told): void => this.run?.tell(event);

  deliver(message: RunMessage): Promise<Receipt> {
    // It must not wait for a place to be cancelled.
    if (message.type === 'cancel' && this.run === undefined) {
      this.cancel(new AbortReason('user', message.reason));
      return Promise.resolve('taken');
    }
    const over = this.result.then(() => {
      throw runEnded(this.options.runId);
    });
    return Promise.race([this.begun.promise.then((run) => run.deliver(message)), over]);
  }

  cancel(reason: AbortReason): void {
    if (this.run !== undefined) return this.run.cancel(reason);
    const failure = { code: 'CANCELLED', message: reason.message };
    this.settled.resolve(refusedOutcome(this.options.runId, failure, 'cancelled'));
  }

  leave(reason: Error): void {
    this.run?.leave(reason);
  }

  refuse(): void {
    this.settled.reject(
      new EngineError('ENGINE_CLOSED', 'The engine was closed before the run could begin.'),
    );
  }

  private stopWaiting(): void {
    this.patience.cancel();
    this.stopListening();
  }
}

/** @param waitedMs how long it waited for its place; absent where there was no room to wait either */
export function engineBusy(runId: string, waitedMs?: number): RunOutcome<unknown> {
  const message =
    waitedMs === undefined
      ? 'The engine has as many runs at work and waiting as it takes.'
      : `The engine had no place for the run within its ${waitedMs} ms.`;
  return refusedOutcome(runId, { code: 'ENGINE_BUSY', message });
}
