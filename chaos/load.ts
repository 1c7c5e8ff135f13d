import { isGatewayError } from '@paceline/gateway';
import { sleep } from '@paceline/resilience';
import type { Gateway } from '@paceline/gateway';
import type { Clock, Random } from '@paceline/resilience';

/** Callers that know nothing of each other, all of one kind. */
export interface Load {
  readonly perSecond: number;
  /** On the clock, like `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What each of them has for its answer. */
  readonly withinMs: number;
  /** On whose behalf they call. @default nobody's */
  readonly tenant?: string;
  readonly prompt?: string;
}

/** One call as its caller saw it. */
export interface CallSeen {
  /** When it was made, on the clock. */
  readonly atMs: number;
  readonly ms: number;
  /** Why there was no answer; `null`: there was one. */
  readonly code: string | null;
  /** Upstream requests it took. */
  readonly attempts: number;
}

export interface LoadedWorld {
  readonly clock: Clock;
  readonly gateway: Gateway;
  /** When the calls come. */
  readonly random: Random;
}

/**
 * Offers the load whatever becomes of it: the calls come at random moments (Poisson), and do not wait for those before them.
 * Resolves once the last has ended.
 */
export async function offer(load: Load, world: LoadedWorld): Promise<readonly CallSeen[]> {
  const { clock, random } = world;
  const never = new AbortController().signal;
  const calls: Promise<CallSeen>[] = [];
  for (let atMs = load.fromMs + gapMs(load, random); atMs < load.toMs; atMs += gapMs(load, random)) {
    await sleep(clock, atMs - clock.nowMs(), never);
    calls.push(call(load, world, calls.length));
  }
  return Promise.all(calls);
}

/** Between two calls of a Poisson process. */
const gapMs = ({ perSecond }: Load, random: Random): number =>
  (-Math.log(1 - random.next()) / perSecond) * 1_000;

async function call(load: Load, { clock, gateway }: LoadedWorld, nth: number): Promise<CallSeen> {
  const { withinMs, tenant, prompt = 'Go on.' } = load;
  const atMs = clock.nowMs();
  const seen = (attempts: number, code: string | null): CallSeen => {
    return { atMs, ms: clock.nowMs() - atMs, code, attempts };
  };
  try {
    const { attempts } = await gateway.generate({
      route: 'reason',
      messages: [{ role: 'user', text: prompt }],
      answer: { type: 'text' },
      deadline: { atMs: atMs + withinMs },
      signal: new AbortController().signal,
      call: { runId: `${tenant ?? 'load'}-${nth}`, step: 'ask', turn: 0 },
      ...(tenant !== undefined && { tenant }),
    });
    return seen(attempts.length, null);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return seen(error.attempts.length, error.code);
  }
}
