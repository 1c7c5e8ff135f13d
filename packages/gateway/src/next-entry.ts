import { remainingMs, RETRY_COST, sleep } from '@paceline/resilience';
import { admit } from './admit.ts';
import { rounds } from './call.ts';
import { brokenOff, cutOff, ledgerFailed, outOfTargets } from './endings.ts';
import { afterRefusal, fitting } from './route/lineup.ts';
import { holdMoney } from './spend/hold.ts';
import type { Admission, AdmissionRequest } from './admit.ts';
import type { Call, Journey, Refusal, RefusalCode, Scope } from './call.ts';
import type { Gate } from './gate.ts';
import type { AttemptKind } from './result.ts';
import type { Candidate } from './route/lineup.ts';
import type { Hold } from './spend/hold.ts';
import type { Target } from './targets.ts';

/** A target that has agreed to take the next attempt. */
export interface Entry {
  readonly candidate: Candidate;
  readonly target: Target;
  readonly kind: AttemptKind;
  readonly leave: Extract<Admission, { ok: true }>['leave'];
  readonly hold: Hold;
}

/**
 * Goes down the line-up until a target takes the next attempt.
 * @throws GatewayError when nothing is left to try, or the caller, the time or a budget says stop
 */
export async function nextEntry(journey: Journey, scope: Scope): Promise<Entry> {
  const { call, gate } = scope;
  for (;;) {
    const candidate = choose(journey, scope);
    const target = targetOf(candidate.name, gate);
    const admission = await waitFor(candidate, journey, scope);
    if (!admission.ok) {
      refuse(journey, { target: target.name, ...admission }, gate);
      continue;
    }
    const hold = await holdFor(target, { journey, admission }, scope);
    if (hold === null) continue;
    const kind = kindOf(candidate, journey);
    const cost = journey.last?.verdict.retryCost ?? RETRY_COST;
    const denied = deniedBy(call, { kind, target, cost }, gate);
    if (denied === null) return { candidate, target, kind, leave: admission.leave, hold };
    hold.release();
    admission.leave(null);
    if (denied !== 'target') throw brokenOff(denied, journey, call);
    refuse(journey, { target: target.name, code: 'RETRY_BUDGET_SPENT', retryInMs: null }, gate);
  }
}

/** A rate limit is the one thing worth coming back for in the same call: it says when it ends. */
function refuse(journey: Journey, refusal: Refusal, { clock }: Gate): void {
  const { code, retryInMs } = refusal;
  const notBeforeMs = code === 'RATE_LIMITED' && retryInMs !== null ? clock.nowMs() + retryInMs : null;
  journey.refusals.push(refusal);
  journey.lineup = afterRefusal(journey.lineup, notBeforeMs);
}

/** The candidate to go to next, put in front of the line-up. */
function choose(journey: Journey, { call, gate }: Scope): Candidate {
  const { request, route } = call;
  if (request.signal.aborted) throw cutOff(request.signal.reason, journey, call);
  if (remainingMs(request.deadline, gate.clock) === 0) throw brokenOff('DEADLINE_EXCEEDED', journey, call);
  if (rounds(journey) >= route.attempts) throw outOfTargets(journey, call);
  journey.lineup = fitting(journey.lineup, {
    nowMs: gate.clock.nowMs(),
    deadlineMs: request.deadline.atMs,
    usualMs: (name) => gate.latencies.firstChunk(name, call.promptTokens)?.p50Ms ?? 0,
  });
  if (journey.lineup.length === 0) journey.lineup = forced(journey, gate);
  const [candidate] = journey.lineup;
  if (candidate === undefined) throw outOfTargets(journey, call);
  return candidate;
}

/** Refusals for what a target has done before. The other ones are for what it, or a budget, has no room for now. */
const FOR_ITS_PAST: readonly RefusalCode[] = [
  'BREAKER_OPEN',
  'PROVIDER_OVERLOADED',
  'AUTH_REJECTED',
  'QUOTA_EXHAUSTED',
  'MODEL_NOT_FOUND',
];

/**
 * Never leaves a route without any target: when all that are left are shut, the one that reopens first gets this attempt
 * anyway, though not more than one in 250 ms. Not one that is parked: it has said what would come of it.
 */
function forced(journey: Journey, gate: Gate): readonly Candidate[] {
  const shut = journey.refusals
    .filter(
      ({ code, target }) =>
        FOR_ITS_PAST.includes(code) &&
        targetOf(target, gate).parking.now === null &&
        !journey.attempts.some((done) => done.target === target),
    )
    .toSorted((a, b) => (a.retryInMs ?? 0) - (b.retryInMs ?? 0));
  const [leastBad] = shut;
  if (leastBad === undefined || !targetOf(leastBad.target, gate).tryForce()) return [];
  return [{ name: leastBad.target, reason: 'forced-probe', tries: 0, notBeforeMs: 0 }];
}

/** Waits out the candidate's backoff and its queue. */
async function waitFor(candidate: Candidate, journey: Journey, { call, gate }: Scope): Promise<Admission> {
  const { request, promptTokens } = call;
  const { clock } = gate;
  const { signal } = request;
  const waitMs = candidate.notBeforeMs - clock.nowMs();
  const retried = candidate.tries > 0;
  const asked: AdmissionRequest = {
    request,
    promptTokens,
    signal,
    usual: gate.latencies.firstChunk(candidate.name, promptTokens),
    // One that has been asked before, and said when, is waited for now.
    others: journey.lineup.length > 1 && (retried || waitMs <= 0),
    forced: candidate.reason === 'only-target' || candidate.reason === 'forced-probe',
  };
  try {
    if (retried && waitMs > 0) await sleep(clock, waitMs, signal);
    return await admit(targetOf(candidate.name, gate), asked, gate);
  } catch (reason) {
    throw cutOff(reason, journey, call);
  }
}

interface Admitted {
  readonly journey: Journey;
  readonly admission: Extract<Admission, { ok: true }>;
}

/** How often room is looked for that attempts in flight are about to give back. */
const LOOK_AGAIN_MS = 25;

/**
 * Holds the money for the attempt. `null`: there was no room. Where only attempts in flight stand in the way, which hold more than they are
 * going to cost, the candidate stays and is come back to; else it is refused.
 * @throws GatewayError `LEDGER_FAILED`, or when the caller or the time says stop
 */
async function holdFor(target: Target, { journey, admission }: Admitted, scope: Scope): Promise<Hold | null> {
  const { call, gate } = scope;
  const { attempts, cutText } = journey;
  const upcoming = { target, number: attempts.length + 1, cutText };
  const held = await holdMoney(upcoming, call, gate).catch((error: unknown) => {
    admission.leave(null);
    throw ledgerFailed(error, journey);
  });
  if (held.ok) return held.hold;
  admission.leave(null);
  const { refusal, passing } = held;
  if (!passing) {
    const code = 'SPEND_LIMIT_REACHED';
    refuse(journey, { target: target.name, code, retryInMs: null, cap: refusal }, gate);
    return null;
  }
  await sleep(gate.clock, LOOK_AGAIN_MS, call.request.signal).catch((reason: unknown) => {
    throw cutOff(reason, journey, call);
  });
  return null;
}

function kindOf({ tries }: Candidate, { attempts }: Journey): AttemptKind {
  if (attempts.length === 0) return 'first';
  return tries > 0 ? 'retry' : 'failover';
}

interface NextAttempt {
  readonly kind: AttemptKind;
  readonly target: Target;
  /** What a retry draws after the failure before it. */
  readonly cost: number;
}

/**
 * Asks the budgets. A retry draws on its target's, the process's and the run's; a failover does not burden a target that
 * has done nothing yet, only the process and the run. `target`: only this target's is spent, another may be tried.
 */
function deniedBy({ request }: Call, { kind, target, cost }: NextAttempt, gate: Gate) {
  if (kind !== 'retry') target.retries.onCall();
  if (kind === 'first') return null;
  if (kind === 'retry' && !target.retries.tryRetry(cost)) return 'target';
  const draw = kind === 'retry' ? cost : RETRY_COST;
  const shared = [request.budget?.retries, gate.retries];
  return shared.every((budget) => budget?.tryRetry(draw) ?? true) ? null : 'RETRY_BUDGET_SPENT';
}

export function targetOf(name: string, gate: Gate): Target {
  return gate.targets.get(name) as Target;
}

/** Tells of other targets whether they are this one with another key. */
export function siblingOf(name: string, gate: Gate): (other: string) => boolean {
  const { pool } = targetOf(name, gate);
  return (other) => pool !== null && targetOf(other, gate).pool === pool;
}
