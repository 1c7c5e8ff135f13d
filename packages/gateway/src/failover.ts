import { backoffMs, remainingMs, RETRY_COST, sleep } from '@paceline/resilience';
import { admit } from './admit.ts';
import { attempt } from './attempt.ts';
import { brokenOff, cutOff, outOfTargets } from './endings.ts';
import { afterFailure, fitting, openLineup } from './route/lineup.ts';
import type { Admission, AdmissionRequest, AttemptEnd } from './admit.ts';
import type { Attempted, AttemptJob } from './attempt.ts';
import type { Call, Journey } from './call.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Gate } from './gate.ts';
import type { AttemptRecord } from './result.ts';
import type { Candidate } from './route/lineup.ts';
import type { Target } from './targets.ts';

/** A complete answer, and all it took to get it. */
export interface Served extends Omit<Attempted, 'record' | 'diagnosis'> {
  readonly servedBy: string;
  readonly attempts: readonly AttemptRecord[];
}

/**
 * The only retry loop there is: adapters, and everybody above, make one attempt. It ends with a complete answer or throws
 * what `endings.ts` makes of the journey.
 */
export async function failover(call: Call, gate: Gate): Promise<Served> {
  const journey = setOut(call, gate);
  for (;;) {
    const entry = await nextEntry(journey, call, gate);
    const { diagnosis, record, ...answer } = await inside(entry, () =>
      attempt(jobFor(entry, journey, call), gate),
    );
    journey.attempts.push(record);
    if (diagnosis === null) return { ...answer, servedBy: record.target, attempts: journey.attempts };
    takeStock(journey, diagnosis, { call, gate });
  }
}

/** What an attempt of a call goes by. */
interface Scope {
  readonly call: Call;
  readonly gate: Gate;
}

function setOut({ plan, request }: Call, gate: Gate): Journey {
  gate.retries.onCall();
  request.budget?.retries.onCall();
  const shut = plan.skipped.filter(({ reason }) => reason === 'breaker-open');
  return {
    lineup: openLineup(plan.candidates),
    attempts: [],
    refusals: shut.map(({ name }) => ({
      target: name,
      code: 'BREAKER_OPEN',
      retryInMs: targetOf(name, gate).breaker.retryInMs,
    })),
    last: null,
  };
}

function takeStock(journey: Journey, diagnosis: Diagnosis, { call, gate }: Scope): void {
  const { clock, random } = gate;
  const { verdict } = diagnosis;
  const tries = journey.lineup[0]?.tries ?? 0;
  const waitMs = backoffMs(tries + 1, { hintMs: verdict.hintMs ?? 0 }, random);
  const leftMs = remainingMs(call.request.deadline, clock);
  journey.lineup = afterFailure(journey.lineup, verdict, { nowMs: clock.nowMs(), waitMs, leftMs });
  journey.last = diagnosis;
}

/** A target that has agreed to take the next attempt. */
interface Entry {
  readonly candidate: Candidate;
  readonly target: Target;
  readonly kind: AttemptRecord['kind'];
  readonly leave: Extract<Admission, { ok: true }>['leave'];
}

/** Leaves the target whatever happens, and tells its guards how the attempt went. */
async function inside(entry: Entry, make: () => Promise<Attempted>): Promise<Attempted> {
  let end: AttemptEnd | null = null;
  try {
    const attempted = await make();
    const { diagnosis, record } = attempted;
    end = { verdict: diagnosis?.verdict ?? null, firstChunkMs: record.firstChunkMs };
    return attempted;
  } finally {
    entry.leave(end);
  }
}

/** @throws GatewayError when nothing is left to try, or the caller, the time or a budget says stop */
async function nextEntry(journey: Journey, call: Call, gate: Gate): Promise<Entry> {
  for (;;) {
    const candidate = choose(journey, call, gate);
    const target = targetOf(candidate.name, gate);
    const admission = await waitFor(candidate, journey, { call, gate });
    if (!admission.ok) {
      journey.refusals.push({ target: target.name, ...admission });
      journey.lineup = journey.lineup.slice(1);
      continue;
    }
    const kind = kindOf(candidate, journey);
    const denied = deniedBy(
      call,
      { kind, target, cost: journey.last?.verdict.retryCost ?? RETRY_COST },
      gate,
    );
    if (denied === null) return { candidate, target, kind, leave: admission.leave };
    admission.leave(null);
    if (denied !== 'target') throw brokenOff(denied, journey, call);
    journey.refusals.push({ target: target.name, code: 'RETRY_BUDGET_SPENT', retryInMs: null });
    journey.lineup = journey.lineup.slice(1);
  }
}

/** The candidate to go to next, put in front of the line-up. */
function choose(journey: Journey, call: Call, gate: Gate): Candidate {
  const { request, route } = call;
  if (request.signal.aborted) throw cutOff(request.signal.reason, journey, call);
  if (remainingMs(request.deadline, gate.clock) === 0) throw brokenOff('DEADLINE_EXCEEDED', journey, call);
  if (journey.attempts.length >= route.attempts) throw outOfTargets(journey, call);
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

/**
 * Never leaves a route without any target: when all that are left are shut, the one that reopens first gets this attempt
 * anyway, though not more than one in 250 ms.
 */
function forced(journey: Journey, gate: Gate): readonly Candidate[] {
  const shut = journey.refusals
    .filter(
      ({ code, target }) =>
        code === 'BREAKER_OPEN' && !journey.attempts.some((done) => done.target === target),
    )
    .toSorted((a, b) => (a.retryInMs ?? 0) - (b.retryInMs ?? 0));
  const [leastBad] = shut;
  if (leastBad === undefined || !targetOf(leastBad.target, gate).tryForce()) return [];
  return [{ name: leastBad.target, reason: 'forced-probe', tries: 0, notBeforeMs: 0 }];
}

/** Waits out the candidate's backoff and its queue. */
async function waitFor(candidate: Candidate, journey: Journey, { call, gate }: Scope) {
  const { request, promptTokens } = call;
  const { clock } = gate;
  const { signal } = request;
  const waitMs = candidate.notBeforeMs - clock.nowMs();
  const asked: AdmissionRequest = {
    request,
    promptTokens,
    signal,
    usual: gate.latencies.firstChunk(candidate.name, promptTokens),
    others: journey.lineup.length > 1,
    forced: candidate.reason === 'only-target' || candidate.reason === 'forced-probe',
  };
  try {
    if (candidate.tries > 0 && waitMs > 0) await sleep(clock, waitMs, signal);
    return await admit(targetOf(candidate.name, gate), asked, gate);
  } catch (reason) {
    throw cutOff(reason, journey, call);
  }
}

function kindOf({ tries }: Candidate, { attempts }: Journey): AttemptRecord['kind'] {
  if (attempts.length === 0) return 'first';
  return tries > 0 ? 'retry' : 'failover';
}

interface NextAttempt {
  readonly kind: AttemptRecord['kind'];
  readonly target: Target;
  /** What a retry draws after the failure before it. */
  readonly cost: number;
}

/**
 * Asks the budgets. A retry draws on its target's, the process's and the run's; a failover does not burden a target that
 * has done nothing yet, only the process and the run. `target`: only this target's is spent, another may be tried.
 */
function deniedBy({ request }: Call, { kind, target, cost }: NextAttempt, gate: Gate) {
  if (request.budget?.money.exhausted() === true) return 'SPEND_LIMIT_REACHED';
  if (kind !== 'retry') target.retries.onCall();
  if (kind === 'first') return null;
  if (kind === 'retry' && !target.retries.tryRetry(cost)) return 'target';
  const draw = kind === 'retry' ? cost : RETRY_COST;
  const shared = [request.budget?.retries, gate.retries];
  return shared.every((budget) => budget?.tryRetry(draw) ?? true) ? null : 'RETRY_BUDGET_SPENT';
}

function jobFor({ candidate, target, kind }: Entry, journey: Journey, call: Call): AttemptJob {
  const { request, options, promptTokens, route, startedMs, onText } = call;
  const { attempts, lineup, last } = journey;
  const number = attempts.length + 1;
  const source = { attempt: number, target: target.name, after: last?.verdict.code ?? null };
  return {
    request,
    options,
    promptTokens,
    target,
    number,
    kind,
    reason: candidate.reason,
    limits: { ...route.limits, ...request.limits },
    last: number >= route.attempts,
    alone: lineup.length === 1,
    callStartedMs: startedMs,
    onText: onText && ((text) => onText(text, source)),
  };
}

function targetOf(name: string, gate: Gate): Target {
  return gate.targets.get(name) as Target;
}
