import { backoffMs, remainingMs } from '@paceline/resilience';
import { LACKS } from './catalog/lacks.ts';
import { joined } from './continuation.ts';
import { attemptWithHedge } from './hedge.ts';
import { nextEntry, siblingOf, targetOf } from './next-entry.ts';
import { barFor } from './parking.ts';
import { afterFailure, openLineup, postponed } from './route/lineup.ts';
import type { Attempted } from './attempt.ts';
import type { Call, Journey, Refusal, Scope } from './call.ts';
import type { Gate } from './gate.ts';
import type { Made } from './hedge.ts';
import type { ModelRequest } from './request.ts';
import type { AttemptRecord } from './result.ts';
import type { PlannedTarget, PlanReason } from './route/plan.ts';

/** A complete answer, and all it took to get it. */
export interface Served extends Omit<Attempted, 'record' | 'diagnosis'> {
  readonly servedBy: string;
  readonly attempts: readonly AttemptRecord[];
}

/** For targets that take longer than this to begin an answer, or are not known yet. */
const BACKOFF_BASE_MS = 250;

/**
 * The only retry loop there is: adapters, and everybody above, make one attempt. It ends with a complete answer or throws
 * what `endings.ts` makes of the journey.
 */
export async function failover(call: Call, gate: Gate): Promise<Served> {
  const scope = { call, gate };
  const journey = setOut(scope);
  for (;;) {
    const entry = await nextEntry(journey, scope);
    const made = await attemptWithHedge(entry, journey, scope);
    journey.attempts.push(...made.map(({ attempted }) => attempted.record));
    const answer = made.find(({ attempted, superseded }) => attempted.diagnosis === null && !superseded);
    if (answer !== undefined) return served(answer, journey);
    for (const each of made) takeStock(journey, each, scope);
  }
}

function setOut({ call: { plan, request, route }, gate }: Scope): Journey {
  gate.retries.onCall();
  request.budget?.retries.onCall();
  if (route.hedge) gate.hedges.onCall();
  return {
    lineup: openLineup(plan.candidates),
    attempts: [],
    refusals: plan.skipped.flatMap((each) => refusalBy(each, request, gate)),
    last: null,
    cutText: '',
  };
}

/** Reasons that no call can find gone. */
const FOR_GOOD: ReadonlySet<PlanReason> = new Set<PlanReason>([
  'credential-missing',
  'package-missing',
  'price-unknown',
  'other-tenant',
  ...LACKS,
]);

/** A target passed over for what will pass is asked after all when no other is left. */
function refusalBy({ name, reason }: PlannedTarget, { tenant = '' }: ModelRequest, gate: Gate): Refusal[] {
  const target = targetOf(name, gate);
  if (FOR_GOOD.has(reason)) return [];
  const { code, forMs } = barFor(target, tenant) ?? { code: 'BREAKER_OPEN', forMs: target.breaker.retryInMs };
  return [{ target: name, code, retryInMs: forMs }];
}

function served({ attempted, joint }: Made, { attempts }: Journey): Served {
  const { record, collected, usage } = attempted;
  return { collected: joined(collected, joint), usage, servedBy: record.target, attempts };
}

function takeStock(journey: Journey, made: Made, { call, gate }: Scope): void {
  const { name, tries } = made.entry.candidate;
  const { diagnosis, collected } = made.attempted;
  if (made.superseded || diagnosis === null) {
    journey.lineup = postponed(journey.lineup, name);
    return;
  }
  const { verdict } = diagnosis;
  if (collected.text !== '') journey.cutText = collected.text;
  // It does not go on from another's answer. That says nothing about the request itself, and the target is asked again from the start.
  if (made.joint !== null && verdict.code === 'PROVIDER_REJECTED') return;
  const { clock, random } = gate;
  const nowMs = clock.nowMs();
  // To wait for longer than the answer would take gains nothing.
  const usualMs = gate.latencies.firstChunk(name, call.promptTokens)?.p50Ms ?? Infinity;
  const baseMs = Math.min(BACKOFF_BASE_MS, usualMs);
  const waitMs = backoffMs(tries + 1, { baseMs, hintMs: verdict.hintMs ?? 0 }, random);
  const leftMs = remainingMs(call.request.deadline, clock);
  const spentMs = nowMs - call.startedMs;
  const isSibling = siblingOf(name, gate);
  const again = { nowMs, waitMs, spentMs, leftMs, inHaste: call.route.hedge, isSibling };
  journey.lineup = afterFailure(journey.lineup, { name, verdict }, again);
  journey.last = diagnosis;
}
