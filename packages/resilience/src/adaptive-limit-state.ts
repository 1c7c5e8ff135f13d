/** Complete bounds of an adaptive limit; `AdaptiveLimitOptions` documents each. */
export interface AdaptiveLimitBounds {
  readonly min: number;
  readonly max: number;
}

/** What has been learned about a target, and since when. Times are monotonic, in milliseconds. */
export interface AdaptiveLimitState {
  /** Calls at once, with its fraction. */
  readonly learned: number;
  /** When `learned` last changed for a refusal or was raised: each happens at most once a second. */
  readonly cutAtMs: number;
  readonly raisedAtMs: number;
  readonly window: LatencyWindow;
  /** Slow average of the windows' latencies: what is normal for this target. `windows` of them are in it. */
  readonly normal: { readonly latencyMs: number; readonly windows: number };
  /** Whether the last window was slower than normal. Until the next one is not, there is no way up. */
  readonly slow: boolean;
  /** Set while the limit is led back up after a recovery. */
  readonly ramp: { readonly startMs: number; readonly overMs: number } | undefined;
}

/** First-token latencies gathered for the next comparison, as logarithms. */
interface LatencyWindow {
  readonly startMs: number;
  readonly samples: number;
  readonly logSum: number;
}

export type AdaptiveLimitEvent =
  | { readonly type: 'rate-limited' }
  | {
      readonly type: 'ok';
      /** To the first content, in milliseconds; null if there was none to measure. */
      readonly firstChunkMs: number | null;
      /** Calls at once when it ended, itself included. */
      readonly inFlight: number;
    }
  | { readonly type: 'ramp'; readonly overMs: number };

export interface AdaptiveLimitMoment {
  readonly nowMs: number;
  readonly bounds: AdaptiveLimitBounds;
}

/** One burst of refusals is one signal, and a second without any is one reason to go up by one. */
const STEP_MS = 1_000;

/** What is left after a refusal. Multiplicative, and additive upwards, so that many senders end up with equal parts (AIMD: Chiu, Jain 1989). */
const CUT = 0.7;

/** Gradient2 of Netflix's concurrency-limits: this many times the normal latency is still healthy, */
const TOLERANCE = 1.5;
/** a change takes effect by this share a window, */
const SMOOTHING = 0.2;
/** a few calls may always wait inside the target, */
const QUEUE_ALLOWED = 4;
/** no window halves more than once, */
const STEEPEST = 0.5;
/** normal is an average of this many windows, */
const NORMAL_WINDOWS = 600;
/** plain at first, */
const WARM_UP_WINDOWS = 10;
/** which comes down faster once the target is more than twice as fast as it was. */
const RECOVERY = { ratio: 2, factor: 0.95 };

/**
 * What a ramp begins with. From there it rises evenly: a step would let all who have gathered in the queue go at once, and knock
 * the target down again.
 */
const RAMP_FROM = 0.1;

/** Latencies in a window below which their average says little. */
const MINIMUM_SAMPLES = 10;

export function initialAdaptiveLimit(learned: number, nowMs: number): AdaptiveLimitState {
  return {
    learned,
    cutAtMs: Number.NEGATIVE_INFINITY,
    raisedAtMs: nowMs,
    window: { startMs: nowMs, samples: 0, logSum: 0 },
    normal: { latencyMs: 0, windows: 0 },
    slow: false,
    ramp: undefined,
  };
}

/** The places to give out: what was learned, led up evenly from a tenth of it during a ramp; whole, and within the bounds. */
export function placesOf(
  { learned, ramp }: AdaptiveLimitState,
  { nowMs, bounds }: AdaptiveLimitMoment,
): number {
  const through = ramp === undefined ? 1 : (nowMs - ramp.startMs) / ramp.overMs;
  const share = Math.min(1, RAMP_FROM + (1 - RAMP_FROM) * through);
  return Math.max(bounds.min, Math.floor(learned * share));
}

/** What one event makes of an adaptive limit. Pure. */
export function nextAdaptiveLimit(
  state: AdaptiveLimitState,
  event: AdaptiveLimitEvent,
  moment: AdaptiveLimitMoment,
): AdaptiveLimitState {
  const { nowMs, bounds } = moment;
  switch (event.type) {
    case 'rate-limited':
      if (nowMs - state.cutAtMs < STEP_MS) return state;
      return { ...state, cutAtMs: nowMs, learned: Math.max(bounds.min, state.learned * CUT) };
    case 'ramp':
      return { ...state, ramp: { startMs: nowMs, overMs: event.overMs } };
    case 'ok': {
      const measured = event.firstChunkMs === null ? state : withLatency(state, event.firstChunkMs, moment);
      return measured.slow ? measured : raised(measured, event.inFlight, moment);
    }
  }
}

/** Up by one for each second without a refusal, if at least half of the limit is in use: unused room proves nothing. */
function raised(
  state: AdaptiveLimitState,
  inFlight: number,
  moment: AdaptiveLimitMoment,
): AdaptiveLimitState {
  const { nowMs, bounds } = moment;
  const quiet = nowMs - Math.max(state.cutAtMs, state.raisedAtMs) >= STEP_MS;
  if (!quiet || 2 * inFlight < placesOf(state, moment)) return state;
  return { ...state, raisedAtMs: nowMs, learned: Math.min(bounds.max, state.learned + 1) };
}

function withLatency(
  state: AdaptiveLimitState,
  firstChunkMs: number,
  moment: AdaptiveLimitMoment,
): AdaptiveLimitState {
  const { startMs, samples, logSum } = state.window;
  const window = { startMs, samples: samples + 1, logSum: logSum + Math.log(Math.max(1, firstChunkMs)) };
  if (window.samples < MINIMUM_SAMPLES || moment.nowMs - startMs < STEP_MS) return { ...state, window };
  // The geometric mean: one stall of 2 s among ten answers of 50 ms is an outlier, not four times the latency.
  const latencyMs = Math.exp(window.logSum / window.samples);
  const normal = averaged(state.normal, latencyMs);
  const gradient = Math.max(STEEPEST, Math.min(1, (TOLERANCE * normal.latencyMs) / latencyMs));
  const aim = Math.min(state.learned, state.learned * gradient + QUEUE_ALLOWED);
  const learned = gradient < 1 ? state.learned + SMOOTHING * (aim - state.learned) : state.learned;
  return {
    ...state,
    learned: Math.max(moment.bounds.min, learned),
    window: { startMs: moment.nowMs, samples: 0, logSum: 0 },
    normal,
    slow: gradient < 1,
  };
}

function averaged(normal: AdaptiveLimitState['normal'], latencyMs: number): AdaptiveLimitState['normal'] {
  const windows = normal.windows + 1;
  const weight = windows <= WARM_UP_WINDOWS ? 1 / windows : 2 / (NORMAL_WINDOWS + 1);
  const average = normal.latencyMs + weight * (latencyMs - normal.latencyMs);
  const muchFaster = average > RECOVERY.ratio * latencyMs;
  return { latencyMs: muchFaster ? average * RECOVERY.factor : average, windows };
}
