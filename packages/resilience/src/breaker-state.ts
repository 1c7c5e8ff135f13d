/** Complete limits of a breaker; `BreakerOptions` documents each. */
export interface BreakerLimits {
  readonly failuresToOpen: number;
  readonly failureRatioToOpen: number;
  readonly slowRatioToOpen: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly openForMs: number;
  readonly openForMaxMs: number;
  readonly closeAfter: number;
}

/** `closed`: calls pass. `open`: none does. `probing`: one at a time does, to see whether the target is back. */
export type BreakerState = ClosedState | OpenState | ProbingState;

interface ClosedState {
  readonly phase: 'closed';
  /** Failures since the last success, as long as no two of them lie further apart than the window. */
  readonly failuresInARow: number;
  readonly lastFailureMs: number;
  readonly window: readonly Bucket[];
}

interface OpenState {
  readonly phase: 'open';
  readonly reopensAtMs: number;
  /** Before jitter; doubles each time a probe fails. */
  readonly openForMs: number;
}

interface ProbingState {
  readonly phase: 'probing';
  readonly probeOut: boolean;
  readonly successes: number;
  /** How long it was open, before jitter. */
  readonly openForMs: number;
}

/** Calls that ended in one tenth of the window. `epoch` counts tenths of windows since the clock's origin. */
interface Bucket {
  readonly epoch: number;
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

export type BreakerEvent =
  | { readonly type: 'probe-start' }
  /** A call that was made past the breaker was answered. */
  | { readonly type: 'sign-of-life' }
  | { readonly type: 'call-ok' }
  | { readonly type: 'call-ignored' }
  /** Answered, but much later than usual. `chance`, in [0, 1), places the end of an open time within its jitter. */
  | { readonly type: 'call-slow'; readonly chance: number }
  | {
      readonly type: 'call-failed';
      readonly chance: number;
      /** Calls still out that began no earlier than the first of the failures in a row. @default 0 */
      readonly pending?: number;
    };

/** When an event happens, and under which limits. */
export interface BreakerMoment {
  /** Monotonic, so that a jump of the wall clock neither opens nor reopens anything. */
  readonly nowMs: number;
  readonly limits: BreakerLimits;
}

export const CLOSED: BreakerState = { phase: 'closed', failuresInARow: 0, lastFailureMs: 0, window: [] };

const BUCKETS = 10;

/** Open times are spread by +-20 %, so that the instances of a service do not probe in step. */
const JITTER = 0.2;

/**
 * Errors come back at once and answers take seconds, so in a burst of calls all failures come first: by then they must be this share of
 * those that began along with them and are still out.
 */
const UNANSWERED = 0.5;

/** What one event makes of a breaker. Pure. An event that does not fit the phase changes nothing. */
export function nextBreakerState(
  state: BreakerState,
  event: BreakerEvent,
  moment: BreakerMoment,
): BreakerState {
  switch (state.phase) {
    case 'closed':
      return whileClosed(state, event, moment);
    case 'open':
      return whileOpen(state, event, moment);
    case 'probing':
      return whileProbing(state, event, moment);
  }
}

function whileOpen(state: OpenState, event: BreakerEvent, { nowMs }: BreakerMoment): BreakerState {
  const probing = { phase: 'probing', successes: 0, openForMs: state.openForMs } as const;
  if (event.type === 'sign-of-life') return { ...probing, probeOut: false };
  return event.type === 'probe-start' && nowMs >= state.reopensAtMs ? { ...probing, probeOut: true } : state;
}

function whileClosed(state: ClosedState, event: BreakerEvent, moment: BreakerMoment): BreakerState {
  const { nowMs, limits } = moment;
  switch (event.type) {
    case 'probe-start':
    case 'sign-of-life':
    case 'call-ignored':
      return state;
    case 'call-ok':
      return { ...state, failuresInARow: 0, window: counted(state.window, OK, moment) };
    case 'call-slow': {
      const window = counted(state.window, SLOW, moment);
      return tooMany(window, limits, { what: 'slow' })
        ? opened(limits.openForMs, event.chance, moment)
        : { ...state, failuresInARow: 0, window };
    }
    case 'call-failed': {
      // At one call an hour, five failures in a row say nothing about now.
      const fresh = nowMs - state.lastFailureMs <= limits.windowMs;
      const failuresInARow = fresh ? state.failuresInARow + 1 : 1;
      const window = counted(state.window, FAILED, moment);
      const { pending = 0 } = event;
      const inARow = failuresInARow >= Math.max(limits.failuresToOpen, UNANSWERED * pending);
      return inARow || tooMany(window, limits, { what: 'failed', pending })
        ? opened(limits.openForMs, event.chance, moment)
        : { phase: 'closed', failuresInARow, lastFailureMs: nowMs, window };
    }
  }
}

function whileProbing(state: ProbingState, event: BreakerEvent, moment: BreakerMoment): BreakerState {
  switch (event.type) {
    case 'sign-of-life':
      return state;
    case 'probe-start':
      return { ...state, probeOut: true };
    case 'call-ignored':
      return { ...state, probeOut: false };
    case 'call-ok':
    case 'call-slow': {
      const successes = state.successes + 1;
      return successes >= moment.limits.closeAfter ? CLOSED : { ...state, probeOut: false, successes };
    }
    case 'call-failed':
      return opened(Math.min(2 * state.openForMs, moment.limits.openForMaxMs), event.chance, moment);
  }
}

function opened(openForMs: number, chance: number, { nowMs }: BreakerMoment): BreakerState {
  const spread = 1 + JITTER * (2 * chance - 1);
  return { phase: 'open', reopensAtMs: nowMs + openForMs * spread, openForMs };
}

/** What one call adds to its bucket. */
const OK = { failed: 0, slow: 0 };
const SLOW = { failed: 0, slow: 1 };
const FAILED = { failed: 1, slow: 0 };

/** The window with one more call. Buckets are told apart by epoch, so old ones drop out without any timer. */
function counted(window: readonly Bucket[], call: typeof OK, { nowMs, limits }: BreakerMoment): Bucket[] {
  const epoch = Math.floor((nowMs * BUCKETS) / limits.windowMs);
  const live = window.filter((bucket) => bucket.epoch > epoch - BUCKETS);
  const current = live.at(-1)?.epoch === epoch ? live.pop() : undefined;
  const { calls, failed, slow } = current ?? { calls: 0, failed: 0, slow: 0 };
  live.push({ epoch, calls: calls + 1, failed: failed + call.failed, slow: slow + call.slow });
  return live;
}

function tooMany(
  window: readonly Bucket[],
  limits: BreakerLimits,
  { what, pending = 0 }: { readonly what: 'failed' | 'slow'; readonly pending?: number },
): boolean {
  let calls = 0;
  let these = 0;
  for (const bucket of window) {
    calls += bucket.calls;
    these += bucket[what];
  }
  const ratio = what === 'failed' ? limits.failureRatioToOpen : limits.slowRatioToOpen;
  return calls >= limits.minimumCalls && these / (calls + pending) >= ratio;
}
