import { CLOSED, nextBreakerState } from './breaker-state.ts';
import type { BreakerEvent, BreakerLimits, BreakerState } from './breaker-state.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import { checkedNumber } from './validate.ts';

export type BreakerPhase = BreakerState['phase'];

export interface BreakerOptions {
  /** Failures in a row that open the circuit, however few calls there are. Minimum 1. @default 5 */
  readonly failuresToOpen?: number;
  /** Share of failed calls in the window that opens it, from 0 to 1. @default 0.5 */
  readonly failureRatioToOpen?: number;
  /** Share of calls in the window reported as slow that opens it as well, from 0 to 1. @default 0.8 */
  readonly slowRatioToOpen?: number;
  /** Calls in the window below which a share means nothing. Minimum 1. @default 10 */
  readonly minimumCalls?: number;
  /** How far back calls count, in milliseconds. Minimum 1. @default 60_000 */
  readonly windowMs?: number;
  /** How long the circuit first stays open, in milliseconds, +-20 %. Doubles with each failed probe. Minimum 1. @default 5_000 */
  readonly openForMs?: number;
  /** What that doubling never exceeds, in milliseconds, +-20 %. Minimum `openForMs`. @default 60_000 or `openForMs` if longer */
  readonly openForMaxMs?: number;
  /** Successful probes, one after the other, that close the circuit again. Minimum 1. @default 2 */
  readonly closeAfter?: number;
}

export interface BreakerParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Called after each change of phase. */
  readonly onChange?: (phase: BreakerPhase) => void;
}

/**
 * How a call ended, as far as it says something about the target. `ignored`: nothing (rate limited, cancelled, refused for
 * the caller's own fault, or cut off by a deadline shorter than the target usually needs).
 */
export type BreakerOutcome = 'ok' | 'failed' | 'ignored';

export interface BreakerDetails {
  /** An `ok` that took much longer than this target usually does: it counts as slow, not as failed. @default false */
  readonly slow?: boolean;
}

export type BreakerPermit =
  | {
      readonly ok: true;
      /** Reports the outcome. Always call it, in `finally` if need be: a probe that never reports keeps everybody out. Only the first call counts. */
      release(outcome: BreakerOutcome, details?: BreakerDetails): void;
    }
  | {
      readonly ok: false;
      /** When asking again makes sense, in milliseconds. While a probe is out nobody knows, so it is `openForMs`. */
      readonly retryInMs: number;
    };

/** Keeps calls away from a target that is failing. One per target: never shared, or one sick model takes out its neighbours. */
export interface Breaker {
  /** Asks to make one call. Never waits: a router wants to move on to the next target at once. */
  tryAcquire(): BreakerPermit;
  /** A call that was made without asking, whatever the phase, was answered: an open circuit waits no longer before it probes. */
  onSignOfLife(): void;
  /** What `tryAcquire` would go by now. Reading it changes nothing. */
  readonly phase: BreakerPhase;
  /** What `tryAcquire` would refuse with; 0 if it would let a call through. Reading it changes nothing. */
  readonly retryInMs: number;
}

const COUNT = { min: 1, integer: true };
const RATIO = { min: 0, max: 1 };

/**
 * Opens on failures in a row *or* on a share of failures. A share needs a minimum of calls, which a target called every ten
 * seconds never reaches; a row alone opens late when only half of the calls fail. Slow
 * answers open it by share as well: a target that takes minutes for everything is of no more use than one that fails. Time comes from the monotonic clock only.
 * @throws TypeError when an option is out of range
 */
export function createBreaker(options: BreakerOptions & BreakerParts): Breaker {
  const { clock, random, onChange } = options;
  const limits = breakerLimits(options);
  let state: BreakerState = CLOSED;
  let era = 0;
  const calls = createCallCount();

  const apply = (event: BreakerEvent): void => {
    const { phase } = state;
    state = nextBreakerState(state, event, { nowMs: clock.nowMs(), limits });
    if (state.phase === phase) return;
    era++;
    calls.forget();
    onChange?.(state.phase);
  };

  const permit = (): BreakerPermit => {
    // A call that outlives the phase it began in tells of the past: by then it neither opens, closes nor frees the probe's place.
    let reportsTo = era;
    const call = calls.begin();
    return {
      ok: true,
      release(outcome, { slow = false } = {}) {
        if (reportsTo !== era) return;
        reportsTo = -1;
        const pending = calls.end(call, outcome);
        if (outcome === 'failed') apply({ type: 'call-failed', chance: random.next(), pending });
        else if (outcome === 'ok' && slow) apply({ type: 'call-slow', chance: random.next() });
        else apply({ type: `call-${outcome}` });
      },
    };
  };

  return {
    tryAcquire() {
      const retryInMs = shutForMs(state, clock.nowMs(), limits);
      if (retryInMs > 0) return { ok: false, retryInMs };
      if (state.phase !== 'closed') apply({ type: 'probe-start' });
      return permit();
    },
    onSignOfLife: () => apply({ type: 'sign-of-life' }),
    get phase() {
      return state.phase === 'open' && clock.nowMs() >= state.reopensAtMs ? 'probing' : state.phase;
    },
    get retryInMs() {
      return shutForMs(state, clock.nowMs(), limits);
    },
  };
}

/** Counts the calls that are out, in the order in which they began. */
function createCallCount() {
  const out = new Set<number>();
  let latest = 0;
  /** The earliest call among the failures in a row. */
  let rowBegan = Infinity;
  return {
    begin(): number {
      out.add(++latest);
      return latest;
    },
    /** How many are out that began no earlier than the failures in a row, this one included. */
    end(call: number, outcome: BreakerOutcome): number {
      out.delete(call);
      if (outcome === 'ok') rowBegan = Infinity;
      if (outcome !== 'failed') return 0;
      rowBegan = Math.min(rowBegan, call);
      let pending = 0;
      for (const each of out) if (each >= rowBegan) pending++;
      return pending;
    },
    forget(): void {
      out.clear();
      rowBegan = Infinity;
    },
  };
}

/** 0: a call may go out now. */
function shutForMs(state: BreakerState, nowMs: number, limits: BreakerLimits): number {
  switch (state.phase) {
    case 'closed':
      return 0;
    case 'open':
      return Math.max(0, state.reopensAtMs - nowMs);
    case 'probing':
      return state.probeOut ? limits.openForMs : 0;
  }
}

function breakerLimits(options: BreakerOptions): BreakerLimits {
  const openForMs = checkedNumber('openForMs', options.openForMs ?? 5_000, { min: 1 });
  const openForMaxMs = options.openForMaxMs ?? Math.max(60_000, openForMs);
  return {
    failuresToOpen: checkedNumber('failuresToOpen', options.failuresToOpen ?? 5, COUNT),
    failureRatioToOpen: checkedNumber('failureRatioToOpen', options.failureRatioToOpen ?? 0.5, RATIO),
    slowRatioToOpen: checkedNumber('slowRatioToOpen', options.slowRatioToOpen ?? 0.8, RATIO),
    minimumCalls: checkedNumber('minimumCalls', options.minimumCalls ?? 10, COUNT),
    windowMs: checkedNumber('windowMs', options.windowMs ?? 60_000, { min: 1 }),
    openForMs,
    openForMaxMs: checkedNumber('openForMaxMs', openForMaxMs, { min: openForMs }),
    closeAfter: checkedNumber('closeAfter', options.closeAfter ?? 2, COUNT),
  };
}
