import type { AttemptRecord, CallBudget, Gateway, SecretFinder } from '@paceline/gateway';
import type { Clock, Deadline, Random } from '@paceline/resilience';
import type { WorkflowInfo } from '../define/workflow.ts';
import type { ChildRuns } from './child/contract.ts';
import type { StepTimes } from './floor.ts';
import type { Probes } from './probes.ts';
import type { Caller, JournalEntry, PendingStep } from './record.ts';
import type { Spend } from './spend.ts';
import type { VisitProgress } from './progress.ts';
import type { StepReport } from './outcome.ts';
import type { StepTimer } from './step-timer.ts';
import type { StopSwitch } from './stop-switch.ts';
import type { Tell } from './tell.ts';

/** What all steps of a run share. */
export interface RunContext {
  readonly runId: string;
  readonly info: WorkflowInfo;
  readonly labels: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** Monotonic. */
  readonly startedMs: number;
  /** The run's budget of time, in milliseconds, without what it spends waiting if that is free. */
  readonly totalMs: number;
  /** Moves while the run waits for people, if that is free; never while a step works. */
  readonly deadline: { atMs: number };
  readonly times: StepTimes;
  /** For the time that its visits have. */
  readonly stepTimer: StepTimer;
  readonly probes: Probes;
  /** Retries and money of all the run's calls together. */
  readonly budget: CallBudget;
  readonly gateway: Gateway;
  /** Finds known secrets, which are not recorded. */
  readonly secretIn: SecretFinder | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Of a child run. */
  readonly parentRunId: string | undefined;
  /** Runs above it: 0 for one that no step started. */
  readonly depth: number;
  readonly children: ChildRuns;
  /** Ids of the child runs that this process has begun or taken over: what they have spent is in the budget. */
  readonly attached: Set<string>;
  /** The run's journal, from an entry on. */
  entries(fromSeq: number): AsyncIterable<JournalEntry>;
  /**
   * The run's own wall time: that of its start, or of its recovery, and what this process has measured since. The wall clock may jump
   * meanwhile, either way; the run's does not. In whole milliseconds.
   */
  epochMs(): number;
}

/** One visit of a step, as the code that runs it sees it. */
export interface StepRun {
  readonly context: RunContext;
  readonly pending: PendingStep;
  /** An owner before this one had begun the visit: whether its work took effect is unknown. */
  readonly inDoubt: boolean;
  /** The step's own; never later than the run's. */
  readonly deadline: Deadline;
  /** Stops when nobody waits for the step any more. */
  readonly stop: StopSwitch;
  /** Attempts that no recorded progress holds yet; whoever makes some adds them, also when the call fails. */
  readonly attempts: AttemptRecord[];
  /** What child runs of the visit have spent; whoever has one adds it when that has ended, in whatever way. */
  readonly childSpends: Spend[];
  /** Ids of child runs of the visit that were stopped before they had come to rest; whoever stops one adds it. */
  readonly stopped: string[];
  /** Which item of a `map` it is, counted from 0; absent for a visit of its own. */
  readonly item?: number | undefined;
  /** Resolves once the progress is durable. @throws AbortReason if the run no longer waits for this visit */
  record(progress: VisitProgress): Promise<void>;
  readonly tell: Tell;
  /** Takes the report on an item. */
  report(item: StepReport): void;
}
