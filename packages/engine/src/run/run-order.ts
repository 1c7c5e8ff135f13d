import type { Criticality, Gateway, SecretFinder } from '@paceline/gateway';
import type { Clock, Random } from '@paceline/resilience';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import type { EngineEvent } from '../events.ts';
import type { JournalStore } from '../journal/store.ts';
import type { ChildRuns, Inheritance } from './child/contract.ts';
import type { Probes } from './probes.ts';
import type { Caller } from './record.ts';

export interface RunOptions {
  /** Tightens the workflow's `budget.totalMs` for this run, in milliseconds. Above 0. */
  readonly deadlineMs?: number;
  /** Attribution, e.g. `{ team: 'cx' }`: travels with every event, record and model call of the run. */
  readonly labels?: Readonly<Record<string, string>>;
  /** On whose behalf: no tenant gets more than its share of a contended target. @default one tenant for all that name none */
  readonly tenant?: string;
  /** What is refused first when there is not enough for all. @default 'critical' */
  readonly criticality?: Criticality;
  /** Aborting it cancels the run. */
  readonly signal?: AbortSignal;
  /** The caller's own id; starting a second run with it fails with `RUN_EXISTS`. @default a random one */
  readonly runId?: string;
}

/** One run as it was asked for. */
export interface RunOrder {
  readonly runId: string;
  readonly workflow: Workflow;
  readonly input: unknown;
  readonly options: RunOptions;
  /** Of a child run. */
  readonly inherited?: Inheritance;
  /** Whether anybody listens: events that nobody would hear are not made. */
  readonly isHeard: (type: EngineEvent['type']) => boolean;
  /** Told every event of the run. Must not throw. */
  readonly emit: (event: EngineEvent) => void;
}

/** What all runs of an engine share. */
export interface RunHost {
  readonly gateway: Gateway;
  readonly journal: JournalStore;
  readonly clock: Clock;
  readonly random: Random;
  /** After every run, fold its journal again and compare. */
  readonly replayCheck: boolean;
  /** Finds known secrets, which are not recorded. */
  readonly secretIn: SecretFinder | undefined;
  readonly children: ChildRuns;
  readonly probes: Probes;
  /** Told each time an entry of a run has become durable. */
  readonly recorded: (runId: string) => void;
  /** Told when nothing works on a run any more, and when something does again. */
  readonly rests: (runId: string, isAtRest: boolean) => void;
}

/** A run's whole time, in milliseconds. */
export function totalMsOf(workflow: Workflow, { deadlineMs = Number.POSITIVE_INFINITY }: RunOptions): number {
  return Math.min(workflowInfo(workflow).budget.totalMs, deadlineMs);
}

export function callerOf({ tenant, criticality }: RunOptions): Caller {
  return { ...(tenant !== undefined && { tenant }), ...(criticality !== undefined && { criticality }) };
}
