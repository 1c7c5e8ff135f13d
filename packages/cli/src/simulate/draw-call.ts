import { backoffMs } from '@paceline/resilience';
import type { Random } from '@paceline/resilience';
import { drawAttempt } from './draw-attempt.ts';
import type { DrawnAttempt } from './draw-attempt.ts';
import type { ModelledRoute, ModelledTarget } from './targets.ts';

export interface Call {
  readonly route: ModelledRoute;
  readonly row: number;
  readonly step: string;
  readonly outputTokens: number;
  /** Until the step's limit, in milliseconds. */
  readonly leftMs: number;
  /** What a target's answer costs, in US dollars; `null` if unknown. */
  readonly usdOf: (target: string, written: number) => number | null;
}

export interface DrawnCall {
  readonly ok: boolean;
  readonly ms: number;
  readonly usd: number;
  readonly unpriced: number;
  readonly attempts: number;
  readonly unfit: boolean;
}

/** From the gateway: how long the preferred target is waited for, and a hint believed. */
const PATIENCE_MS = 500;
const HINT_SHARE = 0.1;
const HINT_MOST_MS = 10_000;
const BACKOFF_BASE_MS = 250;

/** A z of the standard normal distribution: 98 % lie below it. */
const Z98 = 2.0537;
const Z95 = 1.6449;
const ALONE_PATIENCE = 1.5;
const CHUNK_MS = 30_000;

interface Standing {
  readonly target: ModelledTarget;
  tries: number;
}

/** One call down its route, as the gateway goes: the next target after a failure, or the same one once more. Breakers and queues are left out. */
export function drawCall(call: Call, random: Random): DrawnCall {
  const { route, leftMs } = call;
  const lineup: Standing[] = route.targets.map((target) => ({ target, tries: 0 }));
  const sum = { ms: 0, usd: 0, unpriced: 0, attempts: 0 };
  while (sum.attempts < route.attempts && sum.ms < leftMs) {
    const [first] = lineup;
    if (first === undefined) break;
    sum.attempts++;
    const last = sum.attempts === route.attempts;
    const asked = { call, last, alone: lineup.length === 1, leftMs: leftMs - sum.ms, attempt: sum.attempts };
    const made = attemptOn(first.target, asked, random);
    const drawn = last ? made : hedged(made, lineup, { ...asked, random });
    sum.ms += drawn.ms;
    pay(sum, call.usdOf(first.target.name, drawn.written));
    if (drawn.failed === null) {
      return { ...sum, ok: sum.ms <= leftMs, ms: Math.min(sum.ms, leftMs), unfit: drawn.unfit };
    }
    if (drawn.failed.again === 'stop') break;
    sum.ms += goOn(lineup, drawn.failed, { leftMs: leftMs - sum.ms, hedge: route.hedge, random });
  }
  return { ok: false, ...sum, ms: Math.min(sum.ms, leftMs), unfit: false };
}

interface Asked {
  readonly call: Call;
  readonly last: boolean;
  readonly alone: boolean;
  readonly leftMs: number;
  readonly attempt: number;
}

function attemptOn(target: ModelledTarget, asked: Asked, random: Random): DrawnAttempt {
  const { call, last, alone, leftMs, attempt } = asked;
  const { p50, p95 } = target.latency.firstTokenMs;
  // What would have been learned of a target that answers like this: max(3 p50, 1.25 p98).
  const p98 = p50 * Math.exp((Math.log(p95 / p50) / Z95) * Z98);
  const usualMs = Math.max(3 * p50, 1.25 * p98) * (alone ? ALONE_PATIENCE : 1);
  const { row, step, outputTokens } = call;
  const errand = {
    row,
    step,
    attempt,
    outputTokens,
    firstMs: Math.min(usualMs, last ? leftMs : leftMs / 2),
    chunkMs: Math.min(CHUNK_MS, last ? leftMs : leftMs / 4),
  };
  return drawAttempt(target, errand, random);
}

/** A second attempt, on the next target, once the first is later than 95 % of its calls: whichever brings content first. */
function hedged(
  first: DrawnAttempt,
  [leader, next]: readonly Standing[],
  { random, ...asked }: Asked & { readonly random: Random },
): DrawnAttempt {
  const lateMs = leader?.target.latency.firstTokenMs.p95 ?? 0;
  if (!asked.call.route.hedge || next === undefined || Math.min(first.firstMs, first.ms) <= lateMs)
    return first;
  const second = attemptOn(next.target, asked, random);
  if (second.failed !== null || lateMs + second.firstMs >= first.firstMs) return first;
  return { ...second, ms: lateMs + second.ms, firstMs: lateMs + second.firstMs };
}

/** Puts the target that failed where it is asked next, if at all. @returns the wait before */
function goOn(
  lineup: Standing[],
  { again, hintMs }: NonNullable<DrawnAttempt['failed']>,
  { leftMs, hedge, random }: { readonly leftMs: number; readonly hedge: boolean; readonly random: Random },
): number {
  const failed = lineup.shift();
  if (failed === undefined || again === 'no') return 0;
  failed.tries++;
  const baseMs = Math.min(BACKOFF_BASE_MS, failed.target.latency.firstTokenMs.p50);
  const waitMs = backoffMs(failed.tries, { baseMs, hintMs }, random);
  const patienceMs =
    hintMs === 0 ? PATIENCE_MS : Math.max(PATIENCE_MS, Math.min(HINT_MOST_MS, HINT_SHARE * leftMs));
  const soon = again === 'yes' && failed.tries === 1 && !hedge && waitMs <= patienceMs;
  if (soon) lineup.unshift(failed);
  else lineup.push(failed);
  return soon || lineup.length === 1 ? waitMs : 0;
}

function pay(sum: { usd: number; unpriced: number }, usd: number | null): void {
  if (usd === null) sum.unpriced++;
  else sum.usd += usd;
}
