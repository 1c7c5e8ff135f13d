import { quantile } from '../quantile.ts';
import type { CallSeen } from '../load.ts';
import type { OverloadSeen } from './world.ts';

/** What one run comes to. */
export interface OverloadFigures {
  readonly calls: number;
  readonly attempts: number;
  readonly attemptsPerCall: number;
  /** Goodput: answered in time, as a share of the offered calls. Before the trigger, while it lasts, and from `SETTLE_MS` after its end on. */
  readonly calm: number;
  readonly during: number;
  readonly settled: number;
  /** From the trigger's end until the first ten seconds of good goodput; `null`: there are none. */
  readonly recoveredAfterMs: number | null;
  /** The gateway's queue: p99 of its oldest call's age, before the trigger, at most while it lasts, and from `SETTLE_MS` on. */
  readonly queueAgeMs: { readonly calm: number; readonly during: number; readonly settled: number };
  /** p99 of the answers' times, likewise. `null`: none was answered. */
  readonly p99Ms: { readonly calm: number | null; readonly settled: number | null };
  readonly leftBehind: number;
}

/** By then it has to be as before. */
export const SETTLE_MS = 30_000;

/** Goodput that is as good as before. */
export const GOOD = 0.95;

/** So long it has to be good to count as recovered. */
const WINDOW_MS = 10_000;
const STEP_MS = 100;

/** The target's first calls are the first it has ever had: not part of the calm. */
const COLD_MS = 5_000;

export function figuresOf(seen: OverloadSeen): OverloadFigures {
  const { calls, attempts, endMs, queueAges, leftBehind } = seen;
  const [fromMs, toMs] = seen.triggerMs;
  const calm = within(calls, COLD_MS, fromMs);
  const settled = within(calls, toMs + SETTLE_MS, endMs);
  const age = (from: number, to: number): number =>
    p99(within(queueAges, from, to).map(({ oldestMs }) => oldestMs)) ?? 0;
  return {
    calls: calls.length,
    attempts,
    attemptsPerCall: attempts / calls.length,
    calm: goodput(calm),
    during: goodput(within(calls, fromMs, toMs)),
    settled: goodput(settled),
    recoveredAfterMs: recoveredAfterMs(seen),
    queueAgeMs: {
      calm: age(COLD_MS, fromMs),
      during: age(fromMs, toMs),
      settled: age(toMs + SETTLE_MS, endMs),
    },
    p99Ms: { calm: answerTime(calm), settled: answerTime(settled) },
    leftBehind,
  };
}

const within = <Seen extends { readonly atMs: number }>(
  all: readonly Seen[],
  fromMs: number,
  toMs: number,
): readonly Seen[] => all.filter(({ atMs }) => fromMs <= atMs && atMs < toMs);

const goodput = (calls: readonly CallSeen[]): number =>
  calls.filter(({ code }) => code === null).length / calls.length;

/** Whether it lasts is told by the goodput of all that follows. */
function recoveredAfterMs({ calls, triggerMs: [, toMs], endMs }: OverloadSeen): number | null {
  for (let atMs = toMs; atMs + WINDOW_MS <= endMs; atMs += STEP_MS) {
    if (goodput(within(calls, atMs, atMs + WINDOW_MS)) >= GOOD) return atMs - toMs;
  }
  return null;
}

const p99 = (values: readonly number[]): number | null => quantile(values, 0.99);

const answerTime = (calls: readonly CallSeen[]): number | null =>
  p99(calls.filter(({ code }) => code === null).map(({ ms }) => ms));
