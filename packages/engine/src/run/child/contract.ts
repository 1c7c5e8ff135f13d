import type { CallBudget, Json } from '@paceline/gateway';
import type { AbortReason } from '@paceline/resilience';
import type { Failure } from '../../define/failure.ts';
import type { Workflow } from '../../define/workflow.ts';
import type { Caller, Parent, RunRecord } from '../record.ts';
import type { Spend } from '../spend.ts';

/** What a child run takes over from the run that starts it, beside what stands in its own options. */
export interface Inheritance {
  readonly parent: Parent;
  /** Runs above it: 1 for a child of a run that no step started. */
  readonly depth: number;
  /** The parent's: the child's retries and money are the parent's too. */
  readonly budget: CallBudget;
}

/** A child run as the step of its parent wants it. */
export interface ChildOrder extends Inheritance {
  /** The same for the same visit, also after a restart. */
  readonly runId: string;
  readonly workflow: Workflow;
  /** As the machine gave it. */
  readonly input: Json;
  /** Time it may take at most, in milliseconds. */
  readonly limitMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** An owner before this one may have started it. */
  readonly inDoubt: boolean;
}

/** A child run that nobody waits for any more. */
export interface ChildStop extends Inheritance {
  readonly runId: string;
  readonly workflow: Workflow;
  /** This process has begun it or taken it over: what it has spent is in the budget. */
  readonly isAttached: boolean;
}

/** How a child ended. */
export type ChildEnd = { readonly spend: Spend } & (
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly error: Failure }
);

export interface ChildRun {
  /** @throws what ends the work on it here: `ENGINE_CLOSED`, `FENCED`, and whatever the journal throws */
  readonly result: Promise<ChildEnd>;
  /** Reaches everything below it in the same turn. */
  cancel(reason: AbortReason): void;
  /** Leaves it unfinished in the journal, for whoever recovers its parent. */
  leave(reason: Error): void;
}

/** Starts the runs that steps of other runs ask for. */
export interface ChildRuns {
  /**
   * Starts the child, or goes on with it where it was started before; one that has ended is only read.
   * @throws EngineError `RUN_EXISTS` if its id is another run's, `RUN_OWNED`, `WORKFLOW_CHANGED`, and whatever the journal throws
   */
  attach(order: ChildOrder): Promise<ChildRun>;
  /**
   * Stops the child, if it was started and has not ended, wherever it was left. @returns what it has spent, once it has come to rest
   * @throws EngineError as `attach` does, and what ends the work on it here
   */
  stop(child: ChildStop): Promise<Spend>;
  /** The child as the journal has it; `undefined` if there is none. @throws whatever the journal throws */
  read(runId: string): Promise<RunRecord | undefined>;
}
