import { rateLimitsIn } from './rate-limit-headers.ts';
import type { RateWindow } from '@paceline/resilience';
import type { Guards, Rates } from './guards.ts';
import type { WindowView } from './rate-limit-headers.ts';
import type { CredentialEnd } from './parking.ts';

/** How an attempt went, as far as it says something about its target. */
export interface AttemptEnd extends CredentialEnd {
  /** Until the first content; `null` if none came. */
  readonly firstChunkMs: number | null;
}

/**
 * What an attempt's end teaches the guards of its target, its breaker aside. The provider itself says whether it has too much to do or this
 * account asks too often: only overload feeds the throttle, only a rate limit cuts the places.
 */
export function learnFrom(end: AttemptEnd, guards: Guards, tenant: string): void {
  const { verdict, firstChunkMs } = end;
  const { limit, bulkhead, denials, parking } = guards;
  const throttle = guards.throttle();
  switch (verdict?.code) {
    case 'CANCELLED':
    case 'DEADLINE_EXCEEDED':
      // Ended on our side: it says nothing about the target.
      return;
    case 'PROVIDER_OVERLOADED':
      throttle.onRejected();
      break;
    case 'RATE_LIMITED':
      throttle.onAccepted();
      limit.onRateLimited();
      break;
    case undefined:
      throttle.onAccepted();
      limit.onOk({ firstChunkMs, inFlight: bulkhead.inFlight });
      break;
    default:
      throttle.onAccepted();
  }
  if (!parking.onEnd(end)) denials.onEnd(tenant, verdict);
}

/** What a response says about rate limits, taken in as soon as its headers are there: a long answer's would be stale at its end. */
export function hearRates(rates: Rates, headers: Headers, epochMs: number): void {
  const { requests, tokens } = rateLimitsIn(headers, epochMs);
  update(rates.requests, requests);
  update(rates.tokens, tokens);
}

/** A window that does not say when it is full again cannot be waited for. */
function update(window: RateWindow, view: WindowView | null): void {
  if (view === null || view.resetMs === null) return;
  window.update({ limit: view.limit ?? undefined, remaining: view.remaining, resetMs: view.resetMs });
}
