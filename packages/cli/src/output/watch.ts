import type { AttemptRecord, Gateway } from '@paceline/gateway';
import { createQuantiles } from '@paceline/resilience';
import type { Clock, Quantiles } from '@paceline/resilience';
import { workflowInfo, workflowsWithin } from 'paceline';
import type { Engine, EngineEvents, Workflow } from 'paceline';
import type { Counts } from '../summary.ts';

/** A batch as it stands now: what the live view, the progress lines and the final tables show. */
export interface Watch {
  /** `Infinity` while nobody knows. */
  readonly total: number;
  readonly counts: Readonly<Counts>;
  readonly running: number;
  /** Steps that wait for a person. */
  readonly waiting: number;
  readonly attempts: number;
  readonly retries: number;
  readonly failovers: number;
  readonly hedges: number;
  /** Attempts whose price is unknown: the true cost is higher than what is known. */
  readonly unpriced: number;
  readonly usdByProvider: ReadonlyMap<string, number>;
  /** In the order of the workflows' definitions; steps of one name stand together. */
  readonly steps: readonly StepWatch[];
  /** How often a step failed with a code, by `step CODE`. */
  readonly failures: ReadonlyMap<string, number>;
  elapsedMs(): number;
  /** Targets that are being left alone at the moment. */
  openBreakers(): readonly string[];
}

export interface StepWatch {
  readonly name: string;
  /** What the step may take at most, in milliseconds: its own limit or the run's, the longest of those of its name. */
  readonly budgetMs: number;
  readonly done: number;
  readonly failed: number;
  /** Durations of the last 512 visits, in milliseconds. */
  readonly ms: Quantiles;
}

export interface WatchOptions {
  readonly engine: Engine;
  readonly gateway: Gateway;
  readonly workflows: readonly Workflow<unknown>[];
  readonly total: () => number;
  readonly counts: Readonly<Counts>;
  /** Real time, also when the runs live in virtual time. */
  readonly clock: Clock;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Listens to the engine from now on. */
export function watchEngine(options: WatchOptions): Watch {
  const { engine, gateway, workflows, total, counts, clock } = options;
  const startedMs = clock.nowMs();
  const steps = stepsOf(workflows);
  const usdByProvider = new Map<string, number>();
  const failures = new Map<string, number>();
  const waiting = waitingVisits(engine);
  const running = runsAtWork(engine);
  const watch = {
    get total() {
      return total();
    },
    counts,
    usdByProvider,
    get running() {
      return running.size;
    },
    get waiting() {
      return waiting.size;
    },
    attempts: 0,
    retries: 0,
    failovers: 0,
    hedges: 0,
    unpriced: 0,
    steps: [...steps.values()],
    failures,
    elapsedMs: () => clock.nowMs() - startedMs,
    openBreakers: () =>
      gateway
        .targets()
        .filter(({ breaker }) => breaker !== 'closed')
        .map(({ name }) => name),
  };

  const onStepEnd = (name: string, ms: number, code?: string): void => {
    const step = steps.get(name);
    if (step === undefined) return;
    step.ms.record(ms);
    if (code === undefined) step.done++;
    else {
      step.failed++;
      count(failures, `${name} ${code}`, 1);
    }
  };
  const onAttempt = (record: AttemptRecord): void => {
    watch.attempts++;
    if (record.kind === 'retry') watch.retries++;
    if (record.kind === 'failover' || record.kind === 'continuation') watch.failovers++;
    if (record.kind === 'hedge') watch.hedges++;
    if (record.costUsd === null) watch.unpriced++;
    const provider = record.target.split('/', 1)[0] ?? record.target;
    count(usdByProvider, provider, record.costUsd ?? 0);
  };

  engine.events.on('step-end', ({ step, ms }) => onStepEnd(step, ms));
  engine.events.on('step-error', ({ step, ms, failure }) => onStepEnd(step, ms, failure.code));
  engine.events.on('attempt-end', ({ record }) => onAttempt(record));
  return watch;
}

/** Runs at work, as they are from now on. A child is part of the run that started it. */
function runsAtWork({ events }: Engine): ReadonlySet<string> {
  const running = new Set<string>();
  const begin = ({ runId, parentRunId }: Begun): void => {
    if (parentRunId === undefined) running.add(runId);
  };
  events.on('run-start', begin);
  events.on('run-resume', begin);
  events.on('run-end', ({ runId }) => running.delete(runId));
  return running;
}

/** Visits that wait for a person, as they are from now on. */
function waitingVisits({ events }: Engine): ReadonlySet<string> {
  const waiting = new Set<string>();
  events.on('step-wait', (event) => waiting.add(visitOf(event)));
  events.on('step-answer', (event) => waiting.delete(visitOf(event)));
  // One that nobody answered ends too, with its state or its run.
  events.on('step-error', (event) => waiting.delete(visitOf(event)));
  return waiting;
}

type Begun = Pick<EngineEvents['run-start'][0], 'runId' | 'parentRunId'>;

type OfVisit = Pick<EngineEvents['step-wait'][0], 'runId' | 'step' | 'visit'>;

function visitOf({ runId, step, visit }: OfVisit): string {
  return `${runId}/${step}/${visit}`;
}

function count(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

function stepsOf(workflows: readonly Workflow<unknown>[]): Map<string, Mutable<StepWatch>> {
  const watched = new Map<string, Mutable<StepWatch>>();
  for (const { steps, budget } of [...workflowsWithin(workflows)].map(workflowInfo)) {
    for (const [name, { totalMs }] of Object.entries(steps)) {
      const budgetMs = Math.max(
        Math.min(totalMs ?? budget.totalMs, budget.totalMs),
        watched.get(name)?.budgetMs ?? 0,
      );
      watched.set(name, { name, budgetMs, done: 0, failed: 0, ms: createQuantiles() });
    }
  }
  return watched;
}
