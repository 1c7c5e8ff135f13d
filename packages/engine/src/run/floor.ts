import type { Ledger } from '@paceline/gateway';
import type { Clock, Deadline } from '@paceline/resilience';
import type { WorkflowInfo } from '../define/workflow.ts';
import { EngineError } from '../errors.ts';
import { foundOnce } from '../found-once.ts';
import type { PendingStep } from './record.ts';

/** From this many samples on, the learned p50 counts and not the declared `expectedMs`. */
const LEARNED_AFTER = 10;

/** Share of the later steps' usual time that is kept for them, and of its own that a step needs to be worth starting. */
export const FLOOR_SHARE = 0.5;

/**
 * Kept back from a step for the machine to take its error edge and for the commit, so that a step which uses up its
 * time still lets the run end within the deadline: 10 ms, and no more than a twentieth of what is left.
 */
export function settleMs(leftMs: number): number {
  return Math.min(10, leftMs * 0.05);
}

export interface RunTime {
  readonly info: WorkflowInfo;
  /** The run's. */
  readonly deadline: Deadline;
  readonly clock: Clock;
  readonly times: StepTimes;
}

/**
 * How long a step may take: its own `totalMs`, or what the run has left without half of the usual time of the steps
 * that follow. Passing the rest of the deadline through, rather than a share per step, is what measured best. A step that rested has its `totalMs`
 * anew, and what it worked before counts towards its usual time.
 * @throws EngineError `DEADLINE_INFEASIBLE` if that is less than half of the step's own usual time: it would only cost
 *   money
 */
export function stepDeadline(pending: PendingStep, { info, deadline, clock, times }: RunTime): Deadline {
  const nowMs = clock.nowMs();
  const leftMs = Math.max(0, deadline.atMs - nowMs);
  const floorMs = FLOOR_SHARE * info.timePlan.laterMs(pending.invokeId, times.usualMs);
  const ownLimitMs = info.steps[pending.step]?.totalMs ?? Number.POSITIVE_INFINITY;
  const limitMs = Math.min(ownLimitMs, leftMs - settleMs(leftMs) - floorMs);

  const usualMs = times.usualMs(pending.step);
  const neededMs = FLOOR_SHARE * (usualMs - (pending.workedMs ?? 0));
  if (limitMs <= 0 || limitMs < neededMs) {
    throw new EngineError(
      'DEADLINE_INFEASIBLE',
      `${Math.max(0, Math.round(limitMs))} ms are left for \`${pending.step}\`, which usually takes ${usualMs} ms.`,
    );
  }
  return { atMs: nowMs + limitMs };
}

export interface UsualTime {
  /** In whole milliseconds; 0 if nothing is known. */
  readonly ms: number;
  readonly source: 'learned' | 'declared' | 'unknown';
  /** Declared, or learned from enough visits to refuse a run for it. */
  readonly firm: boolean;
}

export const NOTHING_KNOWN: UsualTime = { ms: 0, source: 'unknown', firm: false };

/** The median of a step's successful visits, or what the author expects until there are enough of them. */
export function usualTime(info: WorkflowInfo, step: string, ledger: Ledger): UsualTime {
  const learned = ledger.latency(keyOf(info, step));
  const declaredMs = info.steps[step]?.expectedMs;
  if (learned !== null && (learned.samples >= LEARNED_AFTER || declaredMs === undefined)) {
    const firm = learned.samples >= LEARNED_AFTER;
    return { ms: Math.round(learned.p50Ms), source: 'learned', firm };
  }
  if (declaredMs === undefined) return NOTHING_KNOWN;
  return { ms: Math.round(declaredMs), source: 'declared', firm: true };
}

function keyOf(info: WorkflowInfo, step: string): string {
  return keysOf(info).get(step) ?? keyTo(info, step);
}

/** Every visit asks: a text that is made anew is hashed anew wherever it is looked up. */
const keysOf = foundOnce((info: WorkflowInfo): ReadonlyMap<string, string> => {
  return new Map(Object.keys(info.steps).map((step) => [step, keyTo(info, step)]));
});

function keyTo({ id }: WorkflowInfo, step: string): string {
  return `step:${id}/${step}`;
}

/** What is known about the durations of a workflow's steps. */
export interface StepTimes {
  /** How long a step usually takes, in whole milliseconds; 0 if nothing is known. */
  usualMs(step: string): number;
  /** The same where it is firmly known, else 0. */
  firmMs(step: string): number;
  /** A visit that succeeded took so long. */
  learn(step: string, ms: number): void;
  /** From now on this run goes by none of them: it is to show how long its steps take. */
  disregard(): void;
  readonly disregarded: boolean;
}

/** Usual times as they are known at the first question; a run keeps them, so that its floors do not move under it. */
export function stepTimes(info: WorkflowInfo, ledger: Ledger): StepTimes {
  return new KnownTimes(info, ledger);
}

class KnownTimes implements StepTimes {
  disregarded = false;
  private readonly known = new Map<string, UsualTime>();
  private readonly info: WorkflowInfo;
  private readonly ledger: Ledger;

  constructor(info: WorkflowInfo, ledger: Ledger) {
    this.info = info;
    this.ledger = ledger;
  }

  /** Handed on by itself. */
  readonly usualMs = (step: string): number => this.timeOf(step).ms;

  /** Handed on by itself. */
  readonly firmMs = (step: string): number => {
    const { ms, firm } = this.timeOf(step);
    return firm ? ms : 0;
  };

  learn(step: string, ms: number): void {
    this.ledger.recordLatency(keyOf(this.info, step), ms);
  }

  disregard(): void {
    this.disregarded = true;
  }

  private timeOf(step: string): UsualTime {
    if (this.disregarded) return NOTHING_KNOWN;
    let time = this.known.get(step);
    if (time === undefined) this.known.set(step, (time = usualTime(this.info, step, this.ledger)));
    return time;
  }
}
