import type { Clock } from '@paceline/resilience';
import type { RateLimit } from './scenario/scenario.ts';
import type { Allowance } from './wire/wire.ts';

export interface RateDecision {
  /** One for each limit there is, as it stands after this request. */
  readonly allowances: readonly Allowance[];
  /** The limit that the request goes beyond, and when it would fit; `null`: it is let through, and counted. */
  readonly exceeded: { readonly of: Allowance['of']; readonly retryAfterMs: number } | null;
}

export interface RateLimiter {
  /** Asks for one request of so many tokens. More than a minute's worth never fits. */
  take(tokens: number): RateDecision;
}

const MINUTE_MS = 60_000;

/** What a clock of doubles may leave missing at the very moment that was promised. */
const ROUNDING = 1e-6;

/** Token buckets, one per limit, as OpenAI and Anthropic describe theirs. A request that is refused uses up nothing. */
export function createRateLimiter(
  { requestsPerMinute, tokensPerMinute }: RateLimit,
  clock: Clock,
): RateLimiter {
  const buckets = [
    ...(requestsPerMinute === undefined ? [] : [createBucket('requests', requestsPerMinute, clock)]),
    ...(tokensPerMinute === undefined ? [] : [createBucket('tokens', tokensPerMinute, clock)]),
  ];
  return {
    take(tokens) {
      for (const bucket of buckets) bucket.refill();
      const costOf = ({ of }: Bucket): number => (of === 'requests' ? 1 : tokens);
      const short = buckets.find((bucket) => bucket.lacks(costOf(bucket)));
      if (short === undefined) for (const bucket of buckets) bucket.take(costOf(bucket));
      return {
        allowances: buckets.map((bucket) => bucket.allowance()),
        exceeded: short === undefined ? null : { of: short.of, retryAfterMs: short.untilMs(costOf(short)) },
      };
    },
  };
}

type Bucket = ReturnType<typeof createBucket>;

function createBucket(of: Allowance['of'], limit: number, clock: Clock) {
  let level = limit;
  let asOfMs = clock.nowMs();
  return {
    of,
    refill(): void {
      const nowMs = clock.nowMs();
      level = Math.min(limit, level + ((nowMs - asOfMs) * limit) / MINUTE_MS);
      asOfMs = nowMs;
    },
    lacks: (cost: number): boolean => cost - level > ROUNDING,
    /** In whole milliseconds, and never too early. */
    untilMs: (cost: number): number => Math.ceil(((cost - level) * MINUTE_MS) / limit - ROUNDING),
    take(cost: number): void {
      level = Math.max(0, level - cost);
    },
    allowance: (): Allowance => ({
      of,
      limit,
      remaining: Math.floor(level + ROUNDING),
      fullInMs: ((limit - level) * MINUTE_MS) / limit,
    }),
  };
}
