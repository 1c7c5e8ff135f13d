import { ALWAYS } from './checks.ts';
import { isComplete } from './call.ts';
import type { Check, Seen } from './checks.ts';

/**
 * - `pass`: rescued, and every check clean
 * - `partial`: rescued, but an advisory check failed; or a refusal was routed around
 * - `safe`: not rescued, but a clean error in time, and every required check clean
 * - `fail`: a required check failed: it hung, passed a truncated answer off as whole, hammered a provider ...
 */
export type Verdict = 'pass' | 'partial' | 'safe' | 'fail';

/** From best to worst. */
export const VERDICTS = ['pass', 'partial', 'safe', 'fail'] as const satisfies readonly Verdict[];

export interface Score {
  readonly verdict: Verdict;
  /** Ids of the checks that failed; `rescued` where the answer or, if that is ideal, the refusal is missing. */
  readonly failed: readonly string[];
  /** What was observed, check by check. */
  readonly found: string;
}

export interface Expectation {
  /** What the caller ought to get. */
  readonly ideal: 'answer' | 'refusal';
  readonly checks: readonly Check[];
}

/** The rules of Failover Bench, methodology v0.1. Pure. */
export function score(seen: Seen, { ideal, checks }: Expectation): Score {
  const all = [...ALWAYS, ...checks];
  const failed = all.filter((check) => !check.passes(seen));
  const rescued = ideal === 'answer' ? isComplete(seen.call) : seen.call.outcome === 'error';
  return {
    verdict: verdictOf({
      failed,
      rescued,
      routedAround: ideal === 'refusal' && seen.call.outcome === 'answered',
    }),
    failed: [...failed.map(({ id }) => id), ...(rescued ? [] : ['rescued'])],
    found: [codeOf(seen), ...all.map((check) => check.found(seen))].filter((text) => text !== '').join('; '),
  };
}

interface Judged {
  readonly failed: readonly Check[];
  readonly rescued: boolean;
  readonly routedAround: boolean;
}

function verdictOf({ failed, rescued, routedAround }: Judged): Verdict {
  if (failed.some(({ advisory }) => advisory !== true)) return 'fail';
  if (routedAround) return 'partial';
  if (!rescued) return 'safe';
  return failed.length > 0 ? 'partial' : 'pass';
}

const codeOf = ({ call }: Seen): string => call.error?.code ?? '';
