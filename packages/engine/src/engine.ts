import { secretFinder } from '@paceline/gateway';
import type { Gateway, Redactor, SpendQuery, SpendRow } from '@paceline/gateway';
import { AbortReason, randomId, systemClock, systemRandom } from '@paceline/resilience';
import type { Clock, Random } from '@paceline/resilience';
import type { EventEmitter } from 'eventemitter3';
import type { z } from 'zod';
import type { Signals } from './define/signals.ts';
import type { Workflow } from './define/workflow.ts';
import type { EngineEvent, EngineEvents } from './events.ts';
import { memoryJournal } from './journal/memory-store.ts';
import type { JournalStore } from './journal/store.ts';
import { ActiveRuns } from './run/active-runs.ts';
import type { CloseOptions, StartedRun } from './run/active-runs.ts';
import { signalMessage } from './run/delivery.ts';
import { logRuns } from './run/log-runs.ts';
import { forkPoint } from './run/fork.ts';
import type { ForkOptions } from './run/fork-run.ts';
import { EventLog } from './run/event-log.ts';
import type { Answer, AnswerTo, Receipt } from './run/message.ts';
import type { RunOutcome } from './run/outcome.ts';
import type { LeftRun, RecoverOptions } from './run/recover.ts';
import type { RunOptions } from './run/run-order.ts';
import { anyFinder } from './run/secrets.ts';
import { createSteering } from './run/steer.ts';
import type { Steering } from './run/steer.ts';

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
  /**
   * Secrets by name that no run may record, beside the gateway's own credentials: whatever holds one is refused with `SECRET_IN_STATE`.
   * Found as they are, in base64 and URL-encoded; from 8 characters on. The gateway's logs, errors and events are without them, too. @default {}
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * Runs that work at once. One that only waits, for a timer or for people, does not count, nor does a child run. Beyond it a run waits in the queue, at
   * most for its own time, which counts from the request; then its outcome is `ENGINE_BUSY`. Minimum 1. @default 10_000
   */
  readonly maxActiveRuns?: number;
  /** Runs that wait for a place. Beyond it a run's outcome is `ENGINE_BUSY` at once. Minimum 0. @default as `maxActiveRuns` */
  readonly maxQueuedRuns?: number;
}

/** Runs workflows. Several engines may live in one process; they share nothing. */
export interface Engine extends Steering {
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
  start<Input, Output, G extends Signals>(
    workflow: Workflow<Input, Output, G>,
    input: NoInfer<Input>,
    options?: RunOptions,
  ): RunHandle<Output, G>;
  /**
   * Goes on with the unfinished runs of the journal that nobody works on any more, after a crash or a deploy. Finished steps do not run again; steps in
   * flight do, under the same idempotency key, except those that take effect once: they fail with `UNCERTAIN`. Each keeps its deadline.
   * @param workflows those that the runs may belong to, as they were when the runs began
   * @throws EngineError `ENGINE_CLOSED`, and whatever the journal throws
   */
  recover(workflows: readonly Workflow[], options?: RecoverOptions): Promise<Recovery>;
  /**
   * Starts a run that begins where another one was after one of its entries: with its state and outputs, perhaps another context, and a
   * whole budget of its own. The other run is only read, and may be unfinished.
   * @throws EngineError `RUN_UNKNOWN`, `FORK_INVALID` (no such entry, the run had ended by then, a value of `set` does not fit),
   *   `WORKFLOW_CHANGED`, `ENGINE_CLOSED`, and whatever the journal throws
   */
  fork<Input, Output, G extends Signals>(
    workflow: Workflow<Input, Output, G>,
    runId: string,
    options: ForkOptions,
  ): Promise<RunHandle<Output, G>>;
  /**
   * What the attempts came to that the gateway's ledger holds, the dearest group first: those of all processes where they share a file.
   * @throws TypeError for a dimension that there is not; whatever the ledger throws
   */
  spend(query?: SpendQuery): Promise<readonly SpendRow[]>;
  readonly events: EventEmitter<EngineEvents>;
  /**
   * Takes no further runs, waits for those in flight, then cancels them, or leaves them unfinished in a journal that outlives the process:
   * their `result` rejects with `ENGINE_CLOSED` and `recover` goes on with them.
   */
  close(options?: CloseOptions): Promise<void>;
}

export interface Recovery {
  readonly runs: readonly RunHandle<unknown>[];
  /** Unfinished runs that were left alone, and why. */
  readonly left: readonly LeftRun[];
}

export interface SignalOptions {
  /** Makes it idempotent: a second signal with the id, also after a restart, is not taken again. 1 to 200 characters. @default a random one */
  readonly id?: string;
}

/** Which step is answered, and under which id. */
export interface AnswerOptions extends AnswerTo {
  /** Makes it idempotent, as that of a signal does. 1 to 200 characters. @default a random one */
  readonly id?: string;
}

/** @typeParam G the signals of its workflow; any, for a run that was found again */
export interface RunHandle<Output, G extends Signals = Signals> {
  readonly runId: string;
  readonly result: Promise<RunOutcome<Output>>;
  /** The run's events from its start; ends after `run-end`. */
  readonly events: AsyncIterable<EngineEvent>;
  /**
   * Tells the run something that its workflow declares. A state that waits for it takes it; otherwise it is kept, over restarts too,
   * until one does. Resolves once that is durable.
   * @throws EngineError `SIGNAL_INVALID` if the workflow declares no such signal or the payload does not fit, `MAILBOX_FULL` where
   *   100 signals wait already, `RUN_ENDED`; or what `result` rejects with if the run is given up first
   */
  signal<Name extends keyof G & string>(
    name: Name,
    payload: z.input<G[Name]>,
    options?: SignalOptions,
  ): Promise<Receipt>;
  /**
   * What a person says to a step that waits for it: to a tool call that needs approval (`approve`, `reject`), or about work of which nobody knows whether
   * it took effect (`done` with what it gave, `failed`). Resolves once that is durable. Name the tool call that was shown: then no second click allows
   * another one.
   * @throws EngineError `NOT_WAITING`, `OUTPUT_INVALID`, `RUN_ENDED`; or what `result` rejects with if the run is given up first
   */
  answer(answer: Answer, options?: AnswerOptions): Promise<Receipt>;
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
  secrets = {},
  maxActiveRuns = 10_000,
  maxQueuedRuns = maxActiveRuns,
}: EngineOptions): Engine {
  const limits = { maxActiveRuns, maxQueuedRuns };
  const secretIn = anyFinder(gateway.secretIn, secretFinder(secrets));
  gateway.redactor?.hide(Object.values(secrets));
  const runs = new ActiveRuns({ gateway, journal, clock, random, replayCheck, secretIn }, limits);
  if (gateway.log !== undefined) logRuns(runs.events, gateway.log);
  const fit = <T>(work: Promise<T>) => rejectingFit(work, gateway.redactor);
  const handleOf = (begin: Begin) => handle(begin, random, fit);

  return {
    start<Input, Output, G extends Signals>(
      workflow: Workflow<Input, Output, G>,
      input: Input,
      options: RunOptions = {},
    ) {
      const run = handleOf((onEvent) => runs.start({ workflow, input, options, onEvent }));
      return run as RunHandle<Output, G>;
    },
    run<Input, Output>(workflow: Workflow<Input, Output>, input: Input, options: RunOptions = {}) {
      return fit(runs.start({ workflow, input, options }).result) as Promise<RunOutcome<Output>>;
    },
    async recover(workflows, options = {}) {
      const recovery = { runs: [] as RunHandle<unknown>[], left: [] as LeftRun[] };
      for await (const { recovered, left } of runs.claim(workflows, options)) {
        for (const each of recovered) recovery.runs.push(handleOf((onEvent) => runs.resume(each, onEvent)));
        recovery.left.push(...(gateway.redactor?.value(left) ?? left));
      }
      return recovery;
    },
    async fork<Input, Output, G extends Signals>(
      workflow: Workflow<Input, Output, G>,
      runId: string,
      options: ForkOptions,
    ) {
      const point = await fit(forkPoint(journal, { workflow, runId, atSeq: options.atSeq }));
      const run = handleOf((onEvent) => runs.fork({ workflow, point, options, onEvent }));
      return run as RunHandle<Output, G>;
    },
    spend: (query = {}) => gateway.ledger.spend.report(query),
    events: runs.events,
    ...fitSteering(createSteering({ runs, journal, clock, random, secretIn }), fit),
    close: (options = {}) => runs.close(options),
  };
}

type Begin = (onEvent: (event: EngineEvent) => void) => StartedRun;

/** An error may quote what somebody named something. */
function rejectingFit<T>(work: Promise<T>, redactor: Redactor | undefined): Promise<T> {
  if (redactor === undefined) return work;
  return work.catch((error: unknown) => {
    throw redactor.error(error);
  });
}

type Fit = <T>(work: Promise<T>) => Promise<T>;

function fitSteering({ signal, answer, cancel, follow }: Steering, fit: Fit): Steering {
  return {
    signal: (...told) => fit(signal(...told)),
    answer: (...told) => fit(answer(...told)),
    cancel: (...told) => fit(cancel(...told)),
    follow,
  };
}

function handle(begin: Begin, random: Random, fit: Fit): RunHandle<unknown> {
  const log = new EventLog();
  const run = begin((event) => log.push(event));
  const result = fit(run.result).finally(() => log.close());
  // Whoever only reads the events must not be brought down by a result nobody awaits.
  result.catch(() => {});
  return {
    runId: run.runId,
    result,
    events: log,
    signal: async (name, payload, { id = randomId(random, 'signal') } = {}) =>
      fit(run.deliver(signalMessage({ id, name, payload }))),
    answer: async (answer, { id = randomId(random, 'answer'), ...to } = {}) =>
      fit(run.deliver({ type: 'answer', id, to, answer })),
    cancel: (reason = 'Cancelled by the caller.') => run.cancel(new AbortReason('user', reason)),
  };
}
