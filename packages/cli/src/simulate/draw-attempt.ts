import { drawFirstTokenMs, drawPaceMs } from '@paceline/simulator';
import type { FaultRule } from '@paceline/simulator';
import type { Random } from '@paceline/resilience';
import { troubleOf } from './faults.ts';
import type { Again, Trouble } from './faults.ts';
import type { ModelledTarget } from './targets.ts';

/** What an attempt is made for. */
export interface Errand {
  /** The row of the run, which rules may name. */
  readonly row: number;
  readonly step: string;
  /** Counted from 1 within the call. */
  readonly attempt: number;
  readonly outputTokens: number;
  /** How long it may be silent before the first content, in milliseconds, and after it. */
  readonly firstMs: number;
  readonly chunkMs: number;
}

export interface DrawnAttempt {
  readonly ms: number;
  /** To the first content; `Infinity` if none came. */
  readonly firstMs: number;
  /** Share of the answer that was written, from 0 to 1: what has to be paid for. */
  readonly written: number;
  /** `null`: it was a success. */
  readonly failed: { readonly again: Again; readonly hintMs: number } | null;
  /** The answer does not fit its schema. */
  readonly unfit: boolean;
}

/** Tokens of a piece of the answer, each sent at a pace of its own. */
const PIECE_TOKENS = 5;

export function drawAttempt(target: ModelledTarget, errand: Errand, random: Random): DrawnAttempt {
  const trouble = drawTrouble(target, errand, random);
  if (trouble?.type === 'error') {
    const ms = Math.min(trouble.afterMs, errand.firstMs);
    return { ...FAILED, ms, failed: { again: trouble.again, hintMs: trouble.hintMs } };
  }
  const firstMs = firstContentMs(target, trouble, random);
  if (firstMs > errand.firstMs) return { ...FAILED, ms: errand.firstMs, failed: LATER };
  let restMs = 0;
  for (let tokens = errand.outputTokens - PIECE_TOKENS; tokens > 0; tokens -= PIECE_TOKENS) {
    restMs += drawPaceMs(Math.min(PIECE_TOKENS, tokens), target.latency, random);
  }
  if (trouble?.type === 'midway') {
    const ms = firstMs + restMs / 2 + (trouble.silent ? errand.chunkMs : 0);
    return { ms, firstMs, written: 0.5, failed: LATER, unfit: false };
  }
  return { ms: firstMs + restMs, firstMs, written: 1, failed: null, unfit: trouble?.type === 'unfit' };
}

const LATER = { again: 'last-resort', hintMs: 0 } as const;

const FAILED = { firstMs: Number.POSITIVE_INFINITY, written: 0, unfit: false } as const;

function firstContentMs({ latency }: ModelledTarget, trouble: Trouble | null, random: Random): number {
  const healthyMs = drawFirstTokenMs(latency.firstTokenMs, random);
  if (trouble?.type === 'silence') return Number.POSITIVE_INFINITY;
  return trouble?.type === 'late' ? Math.max(trouble.firstTokenMs, healthyMs * trouble.factor) : healthyMs;
}

/** The first rule that matches and draws the call decides. What counts time or calls is left out: here no run knows of another. */
function drawTrouble(
  { model, faults }: ModelledTarget,
  { row, step, attempt }: Errand,
  random: Random,
): Trouble | null {
  const matches = (rule: FaultRule): boolean =>
    (rule.models?.includes(model) ?? true) &&
    (rule.step === undefined || rule.step === step) &&
    (rule.attempts?.includes(attempt) ?? true) &&
    (rule.rows === undefined || (rule.rows[0] <= row && row < rule.rows[1]));
  for (const rule of faults) {
    if (matches(rule) && random.next() < (rule.probability ?? 1)) return troubleOf(rule, random.next());
  }
  return null;
}
