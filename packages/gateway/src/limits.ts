import { remainingMs } from '@paceline/resilience';
import type { Clock, Deadline, WatchdogLimits } from '@paceline/resilience';
import type { LatencyView } from './ledger.ts';
import type { AttemptLimits } from './request.ts';

const DEFAULT_CONNECT_MS = 5_000;
const DEFAULT_CHUNK_MS = 30_000;

/** Until a target is known. Reasoning models may need their own, longer `firstChunkMs`. */
const COLD_FIRST_CHUNK_MS = 10_000;

/** Fewer completed first chunks say too little about a p98. */
const ENOUGH_SAMPLES = 50;

/**
 * How much longer than its learned limit the only target left may take: it would be asked again itself, and what it was merely slow at
 * it would have to do twice. Computed, not measured: log-normal times to the first content (sigma 0.5) overrun the limit in 1.4 % of the
 * calls, this in 0.1 %.
 */
const ALONE_PATIENCE = 1.5;

export interface AttemptTime {
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** First chunks of this target's completed answers. Cut-off ones would drag the quantiles up. */
  readonly firstChunks: LatencyView | null;
  /** True when the call has no further attempt left, so that nothing needs to be saved for one. */
  readonly last: boolean;
  /** True when no other target is left to the call. */
  readonly alone: boolean;
  /** False for a model on a connection of its own: nobody sees its headers arrive, so nobody can miss them. */
  readonly seesHeaders: boolean;
}

/**
 * How long one attempt may be silent. Failing over on lack of progress, with all the time that is left, keeps far more
 * chains inside their deadline than sharing the time out over steps or attempts (simulated, one seed: 95 % against 11-38 %).
 */
export function watchdogLimits(limits: AttemptLimits, time: AttemptTime): Required<WatchdogLimits> {
  const totalMs = remainingMs(time.deadline, time.clock);
  const learned = limits.firstChunkMs === undefined && isKnown(time.firstChunks);
  const firstChunkMs =
    usualFirstChunkMs(limits, time.firstChunks) * (learned && time.alone ? ALONE_PATIENCE : 1);
  const chunkMs = limits.chunkMs ?? DEFAULT_CHUNK_MS;
  // What one attempt waits in silence the next one lacks: so at most half of what is left before the first content, and a
  // quarter between one content and the next.
  const silenceMs = Math.min(firstChunkMs, time.last ? totalMs : totalMs / 2);
  return {
    connectMs: time.seesHeaders ? Math.min(limits.connectMs ?? DEFAULT_CONNECT_MS, silenceMs) : silenceMs,
    firstChunkMs: silenceMs,
    chunkMs: Math.min(chunkMs, time.last ? totalMs : totalMs / 4),
    // Thinking is progress, for as long as another target could still answer instead. The same one would only think again.
    answerMs: time.last || time.alone ? totalMs : totalMs / 2,
    totalMs,
  };
}

/** From when on an attempt is late, so that a hedge makes sense; `null` while too little is known. */
export function lateMs(firstChunks: LatencyView | null): number | null {
  return isKnown(firstChunks) ? firstChunks.p95Ms : null;
}

function isKnown(firstChunks: LatencyView | null): firstChunks is LatencyView {
  return firstChunks !== null && firstChunks.samples >= ENOUGH_SAMPLES;
}

/** What a healthy target needs at most: as configured, else as learned. */
export function usualFirstChunkMs(limits: AttemptLimits, firstChunks: LatencyView | null): number {
  if (limits.firstChunkMs !== undefined) return limits.firstChunkMs;
  if (!isKnown(firstChunks)) return COLD_FIRST_CHUNK_MS;
  return Math.max(3 * firstChunks.p50Ms, 1.25 * firstChunks.p98Ms);
}

/** What a clock of doubles may leave missing of a limit that has just passed. */
const ROUNDING_MS = 1;

/**
 * Whether a silence of so long says anything about the target: not if one healthy answer in fifty needs longer. With little time
 * left an attempt is given up earlier than that.
 */
export function isTellingSilence(
  ms: number,
  limits: AttemptLimits,
  firstChunks: LatencyView | null,
): boolean {
  if (firstChunks === null || firstChunks.samples < ENOUGH_SAMPLES) return true;
  const { firstChunkMs = Number.POSITIVE_INFINITY, connectMs = DEFAULT_CONNECT_MS } = limits;
  return ms >= Math.min(firstChunks.p98Ms, firstChunkMs, connectMs) - ROUNDING_MS;
}
