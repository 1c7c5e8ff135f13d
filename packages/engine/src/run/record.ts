import type { AttemptRecord, Criticality, Json } from '@paceline/gateway';
import type { Failure } from '../define/failure.ts';
import type { Answer, Mail, Wait, Waiting } from './message.ts';
import type { StepProgress, VisitProgress } from './progress.ts';
import type { Cost, Spend } from './spend.ts';

/**
 * Everything a run knows, as plain JSON. `advance` is the only code that makes a new one. The machine's snapshot in it
 * is a cache of the journal: recovery reads it, audit and replay do not.
 */
export interface RunRecord {
  readonly runId: string;
  readonly workflowId: string;
  /** Hash of the machine and its steps; a run goes on only under this definition, or one that declares a migration from it. */
  readonly workflowHash: string;
  /** As its author counts. Absent: '1'. */
  readonly workflowVersion?: string;
  /** The definition it last went over from, and the entry that did it. */
  readonly migratedFrom?: { readonly version: string; readonly hash: string; readonly seq: number };
  /** The run, and the entry of its journal, from which this one began. */
  readonly forkedFrom?: { readonly runId: string; readonly seq: number };
  readonly status: RunStatus;
  /** Sequence number of the last entry; the first is 1. */
  readonly seq: number;
  readonly input: Json;
  readonly labels: Readonly<Record<string, string>>;
  readonly caller?: Caller;
  /** The visit that started it, if it is a child run. */
  readonly parent?: Parent;
  /** XState's persisted snapshot. */
  readonly snapshot: Json;
  /** Steps in flight by invoke id. */
  readonly pending: Readonly<Record<string, PendingStep>>;
  /** Timers running by their id; of several with one id, the later ones by that and a number: `hurry#2`. */
  readonly timers: Readonly<Record<string, PendingTimer>>;
  /** Visits so far by invoke id; part of the idempotency key. */
  readonly visits: Readonly<Record<string, number>>;
  readonly startedEpochMs: number;
  /** Wall-clock expiry. In process the monotonic deadline rules; this one is for after a crash. */
  readonly expiresEpochMs: number;
  /** Of a run whose deadline stands still while it waits for people. */
  readonly waiting?: Waiting;
  readonly capUsd: number | null;
  readonly spend: Spend;
  /** Last output of each step that finished: the partial result of a run that fails. */
  readonly outputs: Readonly<Record<string, Json>>;
  /**
   * Visits begun of steps that can be undone, oldest first: what is undone if the run does not reach its goal. A child run that has
   * reached its own keeps them, for its parent.
   */
  readonly undo?: readonly Undo[];
  /** Child runs that nobody waits for any more and that have not come to rest: what they have spent is not in `spend` yet. */
  readonly stopping?: readonly StoppedChild[];
  /** How the run is to end once everything in `stopping` has come to rest, and everything in `undo` has been undone, newest first. */
  readonly ending?: RunEnd;
  /** What has been undone, in that order. */
  readonly compensations?: readonly CompensationReport[];
  /** Ids of the newest 256 messages it has taken from outside: none of them is taken again. */
  readonly heard?: readonly string[];
  /** Signals that no state has taken yet, oldest first, 100 at most. */
  readonly mailbox?: readonly Mail[];
  /** Set when `status` is `succeeded` or `degraded`. */
  readonly output?: Json;
  /** Set when `status` is `failed` or `cancelled`. */
  readonly failure?: Failure;
}

/** On whose behalf a run works, and how much it matters; every model call of it says so. */
export interface Caller {
  readonly tenant?: string;
  readonly criticality?: Criticality;
}

/** The visit of another run that waits for a child run. */
export interface Parent {
  readonly runId: string;
  readonly token: string;
}

/** A child run that was stopped. */
export interface StoppedChild {
  readonly runId: string;
  /** Of the visit that started it. */
  readonly token: string;
  readonly step: string;
}

export type RunEnd =
  | { readonly status: 'succeeded' | 'degraded'; readonly output: Json }
  | { readonly status: 'failed' | 'cancelled'; readonly failure: Failure };

export type RunStatus = 'running' | 'succeeded' | 'degraded' | 'failed' | 'cancelled';

/** A step in flight. Its token fences its completion: a late or repeated one of an earlier visit is refused. */
export interface PendingStep {
  readonly token: string;
  readonly invokeId: string;
  readonly step: string;
  readonly visit: number;
  readonly input: Json;
  /** What an execute step has recorded so far, so that a restart repeats no paid turn and no tool. */
  readonly progress: readonly StepProgress[];
  /** What it rests for. Nobody is at work on it until a person has answered. */
  readonly wait?: Wait;
  /** Of a `map`. */
  readonly items?: ItemsInFlight;
  /** How long it worked before it came to rest, all its rests together, in whole milliseconds. */
  readonly workedMs?: number;
}

/** A visit of a step that can be undone. */
export interface Undo {
  /** The visit's. */
  readonly token: string;
  readonly step: string;
  readonly invokeId: string;
  readonly visit: number;
  readonly input: Json;
  /** Absent while the visit is in flight, and for ever if its end is not known. */
  readonly output?: Json;
  /** Of a child run's visit. */
  readonly within?: {
    /** The child's. */
    readonly runId: string;
    /** The step that started the child; before it, outermost first, those that started the runs between. */
    readonly steps: readonly string[];
  };
}

/** How the compensation of one visit went. */
export interface CompensationReport {
  readonly step: string;
  readonly visit: number;
  /** The child run whose visit it was. */
  readonly childRunId?: string;
  /** Why it could not be undone, after all attempts. */
  readonly failure?: Failure;
}

export interface PendingTimer {
  /** Fences its due event: one that is set under the same id later is another timer. */
  readonly token: string;
  /** What cancels it. Several may share one. */
  readonly id: string;
  readonly dueEpochMs: number;
  /** The event the machine is to be given, as XState scheduled it. */
  readonly event: { readonly type: string };
}

/** How far the items of a `map` are. What the ended ones gave stands in the journal. */
export interface ItemsInFlight {
  /** Those that have ended, counted from 0, as ranges: `0-411,413`. */
  readonly settled: string;
  /** What those at work have recorded, by index. */
  readonly open: Readonly<Record<string, readonly StepProgress[]>>;
}

/** What happened to a run. The journal is the ordered list of these. */
export type RunEvent =
  | {
      readonly type: 'run-start';
      readonly runId: string;
      /** Its workflow's. Absent: '1'. */
      readonly version?: string;
      readonly input: Json;
      readonly labels: Readonly<Record<string, string>>;
      readonly caller?: Caller;
      readonly parent?: Parent;
      readonly totalMs: number;
      /** Time spent waiting for people does not count towards `totalMs`. */
      readonly waiting?: 'free';
      readonly capUsd: number | null;
    }
  /** The run is from now on what the record says: it begins as a fork, or has gone over to another definition. */
  | { readonly type: 'run-adopt'; readonly record: RunRecord; readonly cause: Adoption }
  | { readonly type: 'step-progress'; readonly token: string; readonly progress: VisitProgress }
  | (Cost & {
      readonly type: 'step-done';
      readonly token: string;
      readonly output: Json;
    })
  | (Cost & {
      readonly type: 'step-failed';
      readonly token: string;
      readonly failure: Failure;
    })
  /** A step has come to rest without an end, all it paid for recorded before: it goes on when a person has answered. */
  | {
      readonly type: 'step-wait';
      readonly token: string;
      readonly wait: Wait;
      /** How long it worked since it last began to, in whole milliseconds. */
      readonly ms: number;
    }
  /** A person has answered a step that rests. */
  | {
      readonly type: 'step-answer';
      readonly id: string;
      readonly token: string;
      /** How much progress the step had when it asked. Fences the answer: to an earlier question of the visit it is another one. */
      readonly progress: number;
      readonly answer: Answer;
    }
  /**
   * A step that nobody waits for any more has come to rest: what its attempts had cost by then. The only event a run
   * takes after its end.
   */
  | {
      readonly type: 'step-stopped';
      readonly token: string;
      readonly attempts: readonly AttemptRecord[];
    }
  /** A child run that was stopped has come to rest: what it has spent, its own children included. */
  | {
      readonly type: 'child-stopped';
      readonly runId: string;
      /** Of the visit that started it. */
      readonly token: string;
      readonly spend: Spend;
    }
  /** What undoes a visit has ended; with `failure`, it gave up. */
  | {
      readonly type: 'compensation-end';
      readonly token: string;
      /** The child run whose visit it was. */
      readonly childRunId?: string;
      readonly failure?: Failure;
    }
  /** What the child runs of a visit did, oldest first: it is undone in the visit's place. */
  | { readonly type: 'undo-found'; readonly token: string; readonly undo: readonly Undo[] }
  | { readonly type: 'timer-due'; readonly token: string }
  /** Somebody outside has told the run something that its workflow declares. */
  | ({ readonly type: 'signal' } & Mail)
  | { readonly type: 'cancel'; readonly reason: string }
  | { readonly type: 'deadline' };

/** Where an adopted record comes from. */
export type Adoption =
  | { readonly type: 'fork'; readonly runId: string; readonly seq: number }
  /** The definition under which it was recorded until then. */
  | { readonly type: 'migrate'; readonly version: string; readonly hash: string };

export interface JournalEntry {
  readonly runId: string;
  readonly seq: number;
  readonly atEpochMs: number;
  readonly event: RunEvent;
}

/** What `advance` asks the driver to carry out, after the batch is durable. */
export type RunEffect =
  | { readonly type: 'step-start'; readonly pending: PendingStep }
  | { readonly type: 'step-abort'; readonly token: string }
  | { readonly type: 'timer-set'; readonly timer: PendingTimer }
  | { readonly type: 'timer-cancel'; readonly token: string }
  | { readonly type: 'child-stop'; readonly child: StoppedChild }
  | { readonly type: 'compensation-start'; readonly undo: Undo }
  | { readonly type: 'run-end' };

/** Proof of ownership; a higher epoch refuses every lower one. */
export interface Fence {
  readonly runId: string;
  readonly epoch: number;
}

export interface RunSummary {
  /** Counts the journal's runs in the order of their creation; there may be gaps. */
  readonly position: number;
  readonly runId: string;
  readonly workflowId: string;
  readonly status: RunStatus;
  readonly seq: number;
  readonly startedEpochMs: number;
  /** Of a child run. */
  readonly parentRunId?: string;
}
