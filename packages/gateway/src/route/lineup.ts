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

/**
 * A provider that says when it is back is believed, and waited for longer: up to a tenth of the time left, at most 10 s. Whoever is in
 * a hurry has a deadline that shows it.
 */
const HINT_SHARE = 0.1;
const HINT_MOST_MS = 10_000;

/** The retry that a stalled, overloaded or interrupted target gets in any case. Further ones only in the first half of the call's time. */
const LAST_RESORT_TRIES = 1;

export interface Again {
  readonly nowMs: number;
  /** Before the same target may be tried again. */
  readonly waitMs: number;
  /** Since the call began. */
  readonly spentMs: number;
  /** Until the deadline. */
  readonly leftMs: number;
  /** Another target, if one is left, is as good as this one: nothing is waited for. */
  readonly inHaste: boolean;
  /** Whether another target is the same but for its key. */
  readonly isSibling: (target: string) => boolean;
}

/** An attempt that failed. */
export interface Failure {
  readonly name: string;
  readonly verdict: Verdict;
}

/** What is left to try after it. Pure. */
export function afterFailure(lineup: Lineup, { name, verdict }: Failure, again: Again): Lineup {
  if (!verdict.otherTarget) return [];
  const { failed, others: left } = apart(lineup, name);
  const others = verdict.breaker === 'failed' ? siblingsLast(left, again.isSibling) : left;
  if (failed === undefined) return others;
  const tries = failed.tries + 1;
  const barred =
    failed.reason === 'forced-probe' ||
    verdict.sameTarget === 'no' ||
    (verdict.sameTarget === 'last-resort' && tries > LAST_RESORT_TRIES && again.leftMs < again.spentMs);
  if (barred) return others;
  const later: Candidate = { ...failed, tries, notBeforeMs: again.nowMs + again.waitMs };
  // A rate limit belongs to the key: the next one is free to go.
  const rotates = verdict.code === 'RATE_LIMITED' && others.some((each) => again.isSibling(each.name));
  const patient = !rotates && again.waitMs <= patienceMs(verdict, again);
  const soon = verdict.sameTarget === 'yes' && tries === 1 && patient;
  return soon ? [later, ...others] : [...others, later];
}

/** What ails a provider ails it under every key. */
export function siblingsLast(lineup: Lineup, isSibling: Again['isSibling']): Lineup {
  return [...lineup.filter(({ name }) => !isSibling(name)), ...lineup.filter(({ name }) => isSibling(name))];
}

/** What is left to try after an attempt that was given up for a quicker one: its target comes last. Pure. */
export function postponed(lineup: Lineup, name: string): Lineup {
  const { failed, others } = apart(lineup, name);
  return failed === undefined ? others : [...others, { ...failed, tries: failed.tries + 1 }];
}

/**
 * What is left to try after the first candidate's target refused to take an attempt. While there are others, one that has said when it will
 * comes after them, and is waited for when its turn comes again. Pure.
 * @param notBeforeMs `null`: it has not said
 */
export function afterRefusal([refused, ...others]: Lineup, notBeforeMs: number | null): Lineup {
  if (refused === undefined || notBeforeMs === null || others.length === 0) return others;
  return [...others, { ...refused, notBeforeMs }];
}

function apart(lineup: Lineup, name: string) {
  const failed = lineup.find((each) => each.name === name);
  return { failed, others: lineup.filter((each) => each !== failed) };
}

function patienceMs({ hintMs }: Verdict, { leftMs, inHaste }: Again): number {
  if (inHaste) return 0;
  return hintMs === null ? PATIENCE_MS : Math.max(PATIENCE_MS, Math.min(HINT_MOST_MS, HINT_SHARE * leftMs));
}

export interface TimeLeft {
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** What a target usually needs, in milliseconds. */
  readonly usualMs: (target: string) => number;
}

/**
 * Puts the first candidate in front that can still be of use before the deadline: any not yet asked, or one whose wait
 * and usual time fit. The others follow in their order. Empty when there is none. Pure.
 */
export function fitting(lineup: Lineup, { nowMs, deadlineMs, usualMs }: TimeLeft): Lineup {
  const at = lineup.findIndex(
    ({ name, tries, notBeforeMs }) =>
      (tries === 0 && notBeforeMs <= nowMs) || Math.max(nowMs, notBeforeMs) + usualMs(name) < deadlineMs,
  );
  return at === -1 ? [] : [lineup[at] as Candidate, ...lineup.slice(0, at), ...lineup.slice(at + 1)];
}
