import type { Clock } from '@paceline/resilience';
import type { AttemptErrorCode, Verdict } from './verdict.ts';

/** What a provider says of the account rather than of the request or of its own health. */
export type DenialCode = Extract<AttemptErrorCode, 'AUTH_REJECTED' | 'QUOTA_EXHAUSTED' | 'MODEL_NOT_FOUND'>;

/** A target that is of no use to a tenant for now: its credential is refused, its quota spent or its model not to be had. */
export interface Denial {
  readonly tenant: string;
  readonly code: DenialCode;
  /** Until it is worth asking again, in milliseconds. */
  readonly forMs: number;
}

/**
 * Keeps calls away from a target that would refuse them all for reasons that only a person can mend. Per tenant, because a target
 * that refuses one of them for a reason of his own may serve the others.
 */
export interface Denials {
  /** `null`: the target may be tried. */
  of(tenant: string): Denial | null;
  onEnd(tenant: string, verdict: Verdict | null): void;
  /** Those that hold now. */
  list(): readonly Denial[];
}

/** One alone may be meant for the one request: a flagged input is refused with 403, a budget too small for one long answer with 402. */
const DENIALS_THAT_COUNT = 2;

/** Beyond so many tenants the one that was denied first is forgotten, which costs an attempt. */
const MOST_TENANTS = 1_000;

interface Standing {
  readonly code: DenialCode;
  readonly inARow: number;
  readonly untilMs: number;
}

export function createDenials(clock: Clock): Denials {
  const standings = new Map<string, Standing>();

  const denialOf = (tenant: string, { code, inARow, untilMs }: Standing): Denial | null => {
    const forMs = untilMs - clock.nowMs();
    return inARow >= DENIALS_THAT_COUNT && forMs > 0 ? { tenant, code, forMs } : null;
  };

  return {
    of(tenant) {
      const standing = standings.get(tenant);
      return standing === undefined ? null : denialOf(tenant, standing);
    },
    onEnd(tenant, verdict) {
      if (verdict === null) return void standings.delete(tenant);
      if (!isDenial(verdict.code)) return;
      const inARow = (standings.get(tenant)?.inARow ?? 0) + 1;
      const untilMs = clock.nowMs() + verdict.asideMs;
      // Put at the end, so that the first is the one that was denied longest ago.
      standings.delete(tenant);
      standings.set(tenant, { code: verdict.code, inARow, untilMs });
      const [oldest] = standings.keys();
      if (standings.size > MOST_TENANTS && oldest !== undefined) standings.delete(oldest);
    },
    list: () => [...standings].flatMap(([tenant, standing]) => denialOf(tenant, standing) ?? []),
  };
}

function isDenial(code: Verdict['code']): code is DenialCode {
  return code === 'AUTH_REJECTED' || code === 'QUOTA_EXHAUSTED' || code === 'MODEL_NOT_FOUND';
}
