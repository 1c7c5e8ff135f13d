import type { Clock } from '@paceline/resilience';
import type { DenialCode, Denials } from './denials.ts';
import type { AttemptErrorCode, Verdict } from './verdict.ts';

/** What a provider says of a credential that makes it useless for a while. */
export type ParkedCode = Extract<AttemptErrorCode, 'RATE_LIMITED' | 'QUOTA_EXHAUSTED' | 'AUTH_REJECTED'>;

/** A target that nobody asks for now. */
export interface Parked {
  readonly code: ParkedCode;
  /** Until it is asked again, in milliseconds. */
  readonly forMs: number;
}

/** How an attempt ended, as far as it says something about the credential. */
export interface CredentialEnd {
  /** `null`: the answer was complete. */
  readonly verdict: Verdict | null;
  /** HTTP status; `null` where none was received. */
  readonly status: number | null;
}

/**
 * Leaves a target alone until its provider takes calls of its credential again. For everybody, unlike `Denials`: what is parked is a matter of the
 * credential and of no single request. Forgotten at a restart, which costs an attempt.
 */
export interface Parking {
  /** `null`: it may be asked. */
  readonly now: Parked | null;
  /** @returns true if that is why it is parked now */
  onEnd(end: CredentialEnd): boolean;
}

/** A person may raise a monthly quota before it is full again: one attempt a day finds out. */
const LONGEST_MS = 86_400_000;

/** Where the provider names no time: doubled for each time in a row that it was too short. */
const WAITS: Readonly<Record<ParkedCode, { readonly firstMs: number; readonly mostMs: number }>> = {
  RATE_LIMITED: { firstMs: 1_000, mostMs: 60_000 },
  QUOTA_EXHAUSTED: { firstMs: 60_000, mostMs: 3_600_000 },
  AUTH_REJECTED: { firstMs: 60_000, mostMs: 3_600_000 },
};

/** What a clock of doubles may leave missing at the very moment that was promised. */
const ROUNDING_MS = 1e-6;

interface Stay {
  readonly code: ParkedCode;
  readonly untilMs: number;
  /** Times that it was parked for this without an answer between. */
  readonly inARow: number;
}

/** @param pooled it is one key of several, so that others can be asked meanwhile */
export function createParking(clock: Clock, pooled: boolean): Parking {
  let stay: Stay | null = null;
  const leftMs = (): number => {
    const ms = stay === null ? 0 : stay.untilMs - clock.nowMs();
    return ms > ROUNDING_MS ? ms : 0;
  };
  return {
    get now() {
      const forMs = leftMs();
      return stay === null || forMs === 0 ? null : { code: stay.code, forMs };
    },
    onEnd({ verdict, status }) {
      const isParked = leftMs() > 0;
      if (verdict === null) {
        // One that began before says nothing about what was said since.
        if (!isParked) stay = null;
        return false;
      }
      const { code, hintMs, asideMs } = verdict;
      if (!isParkedCode(code) || !isAboutCredential(verdict, { status, pooled })) return false;
      const again = stay?.code === code ? stay.inARow + (isParked ? 0 : 1) : 1;
      const waitMs = pooled ? Math.min(hintMs ?? doubledMs(code, again), LONGEST_MS) : asideMs;
      const untilMs = clock.nowMs() + waitMs;
      // Attempts side by side hear of it at different times: the one that is told the longest wait is right.
      if (stay === null || untilMs >= stay.untilMs) stay = { code, untilMs, inARow: again };
      return true;
    },
  };
}

function isParkedCode(code: Verdict['code']): code is ParkedCode {
  return Object.hasOwn(WAITS, code);
}

/**
 * A single key is parked for a rate limit that lasts, and is not given up at the first word of anything else: a flagged input is refused with 403, a
 * budget too small for one long answer with 402, and there is no other to go to. Short limits are left to the call that met them: to hold back all
 * others for a second each time cost 5 % of the calls to a single target that refused one in a hundred.
 */
function isAboutCredential(
  { code, asideMs, remedy }: Verdict,
  { status, pooled }: { readonly status: number | null; readonly pooled: boolean },
): boolean {
  if (code === 'RATE_LIMITED') return pooled || asideMs > 0;
  if (code === 'QUOTA_EXHAUSTED') return pooled;
  return pooled && status === 401 && remedy === 'other-credential';
}

function doubledMs(code: ParkedCode, inARow: number): number {
  const { firstMs, mostMs } = WAITS[code];
  return Math.min(firstMs * 2 ** (inARow - 1), mostMs);
}

/** Why a target is passed over for the sake of its account or its model's name; `null` if it is not. A rate limit is waited for instead. */
export function barFor(
  { parking, denials }: { readonly parking: Parking; readonly denials: Denials },
  tenant: string,
): { readonly code: DenialCode; readonly forMs: number } | null {
  const parked = parking.now;
  if (parked === null || parked.code === 'RATE_LIMITED') return denials.of(tenant);
  return { code: parked.code, forMs: parked.forMs };
}
