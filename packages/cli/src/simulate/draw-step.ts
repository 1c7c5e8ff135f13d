import type { Random } from '@paceline/resilience';
import { drawCall } from './draw-call.ts';
import type { DrawnCall } from './draw-call.ts';
import type { ModelledRoute } from './targets.ts';

/** About how long the prompt and the answer of one model call are. */
export interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One step as the model knows it. */
export interface ModelledStep {
  readonly name: string;
  /** `null`: it asks no model, and takes its usual time. */
  readonly route: ModelledRoute | null;
  /** Calls of one visit, one after the other. */
  readonly turns: number;
  readonly tokens: Tokens;
  /** Its own limit, in milliseconds; `Infinity` without one. */
  readonly limitMs: number;
  readonly maxVisits: number;
  readonly usualMs: number;
  /** What the target's answer costs, in US dollars; `null` if unknown. */
  readonly usdOf: (target: string, written: number) => number | null;
}

export interface DrawnStep {
  readonly ok: boolean;
  readonly ms: number;
  readonly usd: number;
  readonly unpriced: number;
  readonly attempts: number;
}

export const NOTHING_DONE: DrawnStep = { ok: false, ms: 0, usd: 0, unpriced: 0, attempts: 0 };

/** One visit, which may take `limitMs`. An answer that does not fit is asked for once more. */
export function drawStep(
  step: ModelledStep,
  { row, limitMs }: { readonly row: number; readonly limitMs: number },
  random: Random,
): DrawnStep {
  const { name, route, turns, tokens, usdOf } = step;
  if (route === null) {
    const ok = step.usualMs <= limitMs;
    return { ...NOTHING_DONE, ok, ms: Math.min(step.usualMs, limitMs) };
  }
  let sum: DrawnStep = { ...NOTHING_DONE, ok: true };
  let repaired = false;
  for (let turn = 0; turn < turns; turn++) {
    const call = {
      route,
      row,
      step: name,
      outputTokens: tokens.outputTokens,
      leftMs: limitMs - sum.ms,
      usdOf,
    };
    const drawn = drawCall(call, random);
    sum = together(sum, drawn);
    if (!drawn.ok) return { ...sum, ok: false };
    if (!drawn.unfit) continue;
    if (repaired) return { ...sum, ok: false };
    repaired = true;
    turn--;
  }
  return sum;
}

function together(sum: DrawnStep, drawn: DrawnCall): DrawnStep {
  return {
    ok: true,
    ms: sum.ms + drawn.ms,
    usd: sum.usd + drawn.usd,
    unpriced: sum.unpriced + drawn.unpriced,
    attempts: sum.attempts + drawn.attempts,
  };
}
