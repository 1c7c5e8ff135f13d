import type { Verdict } from '../verdict.ts';
import type { PlannedTarget } from './plan.ts';

/** A target that this call may still try. */
export interface Candidate extends PlannedTarget {
  /** Attempts this call has made on it. */
  readonly tries: number;
  /** Not to be tried again before: backoff, or the provider's own hint. */
  readonly notBeforeMs: number;
}

/** What is left to try, the next one first. */
export type Lineup = readonly Candidate[];

export function openLineup(candidates: readonly PlannedTarget[]): Lineup {
  return candidates.map((candidate) => ({ ...candidate, tries: 0, notBeforeMs: 0 }));
}

/** Up to here a wait on the preferred target beats starting over on another one. */
const PATIENCE_MS = 500;

/** The retry that a stalled, overloaded or interrupted target gets when no other is left. */
const LAST_RESORT_TRIES = 1;

/** What an attempt on the first candidate that failed leaves to try. Pure. */
export function afterFailure(
  lineup: Lineup,
  verdict: Verdict,
  again: { nowMs: number; waitMs: number },
): Lineup {
  const [failed, ...others] = lineup;
  if (failed === undefined || !verdict.otherTarget) return [];
  const tries = failed.tries + 1;
  const barred =
    failed.reason === 'forced-probe' ||
    verdict.sameTarget === 'no' ||
    (verdict.sameTarget === 'last-resort' && tries > LAST_RESORT_TRIES);
  if (barred) return others;
  const later: Candidate = { ...failed, tries, notBeforeMs: again.nowMs + again.waitMs };
  const soon = verdict.sameTarget === 'yes' && tries === 1 && again.waitMs <= PATIENCE_MS;
  return soon ? [later, ...others] : [...others, later];
}

export interface TimeLeft {
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** What a target usually needs, in milliseconds. */
  readonly usualMs: (target: string) => number;
}

/**
 * Puts the first candidate in front that can still be of use before the deadline: any not yet tried, or one whose wait
 * and usual time fit. The others follow in their order. Empty when there is none. Pure.
 */
export function fitting(lineup: Lineup, { nowMs, deadlineMs, usualMs }: TimeLeft): Lineup {
  const at = lineup.findIndex(
    ({ name, tries, notBeforeMs }) =>
      tries === 0 || Math.max(nowMs, notBeforeMs) + usualMs(name) < deadlineMs,
  );
  return at === -1 ? [] : [lineup[at] as Candidate, ...lineup.slice(0, at), ...lineup.slice(at + 1)];
}
