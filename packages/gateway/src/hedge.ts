import { AbortReason, linkedController, RETRY_COST } from '@paceline/resilience';
import type { LinkedController } from '@paceline/resilience';
import { admit } from './admit.ts';
import { attempt } from './attempt.ts';
import { jointFor } from './continuation.ts';
import { jobFor } from './job.ts';
import { lateMs } from './limits.ts';
import { siblingOf, targetOf } from './next-entry.ts';
import { siblingsLast } from './route/lineup.ts';
import { holdMoney } from './spend/hold.ts';
import type { Attempted, AttemptJob } from './attempt.ts';
import type { Journey, Scope } from './call.ts';
import type { Joint } from './continuation.ts';
import type { Gate } from './gate.ts';
import type { AttemptEnd } from './limit-feed.ts';
import type { Entry } from './next-entry.ts';
import type { Target } from './targets.ts';

/** An attempt that was made. */
export interface Made {
  readonly entry: Entry;
  readonly attempted: Attempted;
  /** Another one beside it brought content first: whatever came of this one, it does not count. */
  readonly superseded: boolean;
  /** The text it went on from; `null` if it started from the beginning. */
  readonly joint: Joint | null;
}

/** Of a target's places: with more of them taken, the rest are left to calls that have no other target. */
const BUSY_SHARE = 0.8;

/**
 * Makes one attempt and, where the route allows it and the target is late, one on another target beside it. The first to bring
 * content stays, the other's socket is closed at once; both are paid for. All of them have ended when this returns.
 */
export async function attemptWithHedge(
  entry: Entry,
  journey: Journey,
  scope: Scope,
): Promise<readonly Made[]> {
  const race = createRace(journey, scope);
  const first = race.enter(entry);
  const afterMs = hedgeAfterMs(entry, journey, scope);
  if (afterMs === null) return [await first];
  let second: Promise<Made | null> | undefined;
  const timer = scope.gate.clock.setTimer(afterMs, () => (second = hedge(race, journey, scope)));
  const made = await first;
  timer.cancel();
  const hedged = await second;
  return hedged ? [made, hedged] : [made];
}

/** How long to wait for the attempt's first content; `null` if it is not to be hedged. */
function hedgeAfterMs(
  { target }: Entry,
  { attempts, lineup }: Journey,
  { call, gate }: Scope,
): number | null {
  const { route, promptTokens } = call;
  if (!route.hedge || lineup.length === 1) return null;
  // Once a call, and never after anything of an answer has been seen.
  if (attempts.some(({ kind, firstChunkMs }) => kind === 'hedge' || firstChunkMs !== null)) return null;
  return lateMs(gate.latencies.firstChunk(target.name, promptTokens));
}

/** Enters another target into the race, if one takes it at once, and the budget and the race itself still allow it. */
async function hedge(race: Race, journey: Journey, scope: Scope): Promise<Made | null> {
  const { call, gate } = scope;
  const { request, promptTokens } = call;
  if (race.decided() || gate.hedges.level < RETRY_COST) return null;
  const nowMs = gate.clock.nowMs();
  const [late, ...others] = journey.lineup;
  const candidate = siblingsLast(others, late === undefined ? () => false : siblingOf(late.name, gate)).find(
    ({ name, notBeforeMs }) => notBeforeMs <= nowMs && isFree(targetOf(name, gate)),
  );
  if (candidate === undefined) return null;
  const target = targetOf(candidate.name, gate);
  const usual = gate.latencies.firstChunk(candidate.name, promptTokens);
  const asked = { request, promptTokens, signal: request.signal, usual, others: true, forced: false };
  const admission = await admit(target, asked, gate).catch(() => null);
  if (admission === null || !admission.ok) return null;
  // The attempt that it stands beside comes first.
  const upcoming = { target, number: journey.attempts.length + 2, cutText: journey.cutText };
  const held = await holdMoney(upcoming, call, gate).catch(() => null);
  const hold = held?.ok === true ? held.hold : null;
  if (hold === null || race.decided() || !gate.hedges.tryRetry()) {
    hold?.release();
    admission.leave(null);
    return null;
  }
  return race.enter({ candidate, target, kind: 'hedge', leave: admission.leave, hold });
}

/** Well, and with places to spare: a hedge must neither wait nor take the place of a call that has no other. */
function isFree({ breaker, bulkhead, limit }: Target): boolean {
  const busy = bulkhead.inFlight > BUSY_SHARE * limit.limit;
  return breaker.phase === 'closed' && bulkhead.queued === 0 && !busy;
}

/** Attempts of one call side by side. The first that brings content, or a verdict that no other target can change, ends the others. */
interface Race {
  /** Makes an attempt. Never throws. */
  enter(entry: Entry): Promise<Made>;
  /** One of them has won. */
  decided(): boolean;
}

function createRace(journey: Journey, { call, gate }: Scope): Race {
  const runners: LinkedController[] = [];
  let winner: LinkedController | null = null;
  const claims = (runner: LinkedController): boolean => {
    if (winner !== null) return winner === runner;
    winner = runner;
    for (const other of runners) if (other !== runner) other.abort(new AbortReason('superseded'));
    return true;
  };
  return {
    decided: () => winner !== null,
    async enter(entry) {
      const runner = linkedController(call.request.signal);
      runners.push(runner);
      const superseded = () => winner !== null && winner !== runner;
      const joint = jointFor(entry.target, journey, call);
      const number = journey.attempts.length + runners.length;
      const parts = { number, scope: runner, joint, counts: () => claims(runner), superseded };
      const attempted = await inside(entry, jobFor(entry, parts, { call, gate, journey }), gate);
      const { diagnosis } = attempted;
      if (diagnosis === null || !diagnosis.verdict.otherTarget) claims(runner);
      runner.unlink();
      return { entry, attempted, superseded: superseded(), joint };
    },
  };
}

/** Leaves the target whatever happens, and tells its guards how the attempt went. */
async function inside({ leave }: Entry, job: AttemptJob, gate: Gate): Promise<Attempted> {
  let end: AttemptEnd | null = null;
  try {
    const attempted = await attempt(job, gate);
    const { diagnosis, record } = attempted;
    end = {
      verdict: diagnosis?.verdict ?? null,
      firstChunkMs: record.firstChunkMs,
      status: record.status ?? null,
    };
    return attempted;
  } finally {
    leave(end);
  }
}
