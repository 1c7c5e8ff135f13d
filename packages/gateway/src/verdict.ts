import { RETRY_COST, TIMEOUT_RETRY_COST } from '@paceline/resilience';
import type { BreakerOutcome } from '@paceline/resilience';
import type { GatewayErrorCode } from './error-codes.ts';

/**
 * What would help. `same-target`: the same again, a little later. `other-target`: another model or provider.
 * `other-credential`: another account; no model of this one will answer. `larger-window`: a model that takes more tokens.
 * `other-content`: the caller's decision, not ours. `other-request`: it is wrong anywhere. `nothing`: the call is over.
 */
export type Remedy =
  | 'same-target'
  | 'other-target'
  | 'other-credential'
  | 'larger-window'
  | 'other-content'
  | 'other-request'
  | 'nothing';

/** What an attempt's failure means for the rest of its call. */
export interface Verdict {
  readonly code: GatewayErrorCode;
  /** Whether trying the same target again makes sense: soon, only when no other target is left, or not in this call. */
  readonly sameTarget: 'yes' | 'last-resort' | 'no';
  /** Whether another target may succeed where this one did not. False stops the call. */
  readonly otherTarget: boolean;
  readonly remedy: Remedy;
  /** What the target's breaker is told. */
  readonly breaker: BreakerOutcome;
  /** What a retry draws from the retry budgets. */
  readonly retryCost: number;
  /** How long the provider asked us to stay away, in milliseconds; `null` also where waiting does not help. */
  readonly hintMs: number | null;
  /** How long calls to come will fail the same way, in milliseconds: of the credential or the target, as `remedy` says. 0: they may not. */
  readonly asideMs: number;
}

export type Meaning = Omit<Verdict, 'code' | 'hintMs'>;

/** A key, a quota or a model's name is mended by people: nobody else's calls need to find out before. */
const MENDED_BY_PEOPLE_MS = 300_000;

const SICK = { otherTarget: true, breaker: 'failed', retryCost: RETRY_COST, asideMs: 0 } as const;
const FINE = { otherTarget: true, breaker: 'ignored', retryCost: RETRY_COST, asideMs: 0 } as const;
const OUT = { ...FINE, sameTarget: 'no', asideMs: MENDED_BY_PEOPLE_MS } as const;
const STOP = { ...FINE, sameTarget: 'no', otherTarget: false } as const;

/**
 * The one table of consequences. A sick target (`failed`) is one that would fail others too; rate limits, credentials and
 * the request's own faults never open a breaker. Overload and stalls prefer another target: waiting there costs the most.
 */
const MEANINGS = {
  PROVIDER_UNREACHABLE: { ...SICK, sameTarget: 'yes', remedy: 'same-target' },
  PROVIDER_ERROR: { ...SICK, sameTarget: 'yes', remedy: 'same-target' },
  PROVIDER_OVERLOADED: { ...SICK, sameTarget: 'last-resort', remedy: 'other-target' },
  PROVIDER_STALLED: {
    ...SICK,
    sameTarget: 'last-resort',
    remedy: 'other-target',
    retryCost: TIMEOUT_RETRY_COST,
  },
  PROVIDER_INTERRUPTED: { ...SICK, sameTarget: 'last-resort', remedy: 'other-target' },
  PROVIDER_MALFORMED: { ...SICK, sameTarget: 'last-resort', remedy: 'other-target' },
  RATE_LIMITED: { ...FINE, sameTarget: 'yes', remedy: 'same-target' },
  QUOTA_EXHAUSTED: { ...OUT, remedy: 'other-credential' },
  AUTH_REJECTED: { ...OUT, remedy: 'other-credential' },
  MODEL_NOT_FOUND: { ...OUT, remedy: 'other-target' },
  CONTEXT_TOO_LARGE: { ...FINE, sameTarget: 'no', remedy: 'larger-window' },
  CONTENT_FILTERED: { ...STOP, remedy: 'other-content' },
  PROVIDER_REJECTED: { ...STOP, remedy: 'other-request' },
  DEADLINE_EXCEEDED: { ...STOP, remedy: 'nothing' },
  CANCELLED: { ...STOP, remedy: 'nothing' },
} as const satisfies Partial<Record<GatewayErrorCode, Meaning>>;

/** Codes an attempt can end with. */
export type AttemptErrorCode = keyof typeof MEANINGS;

export function verdictOf(code: AttemptErrorCode, hintMs: number | null = null): Verdict {
  return { code, ...MEANINGS[code], hintMs };
}
