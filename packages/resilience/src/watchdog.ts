import type { Clock } from './clock.ts';

/** Limits of one streamed call, in milliseconds from its start (`chunkMs`: from the content before). Absent: no limit. */
export interface WatchdogLimits {
  /** Until the response headers. */
  readonly connectMs?: number | undefined;
  /** Until the first content. */
  readonly firstChunkMs?: number | undefined;
  /** Between one content and the next. */
  readonly chunkMs?: number | undefined;
  /** Until the first content that is part of the answer. Thoughts are content, and progress, but no answer. */
  readonly answerMs?: number | undefined;
  /** Until the end. */
  readonly totalMs?: number | undefined;
}

export type StallLimit = 'connect' | 'first-chunk' | 'chunk' | 'answer' | 'total';

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly limits: WatchdogLimits;
  /** Called at most once, with the limit that was overrun; `total` where several were at the same moment. */
  readonly onStall: (limit: StallLimit) => void;
}

/**
 * Notices that a stream has stopped getting anywhere, however lively its connection looks.
 *
 * The caller decides what content is: text, reasoning and tool arguments are; pings, comments and empty deltas are not, or a
 * provider that only keeps the connection alive would never be caught.
 */
export interface Watchdog {
  /** The response headers have arrived. */
  connected(): void;
  /** Content has arrived: a piece of the answer, or a thought that leads to it. Cheap enough for each chunk of each stream. */
  content(piece?: 'answer' | 'thought'): void;
  /** The call has ended, whichever way. Nothing fires after this; call it in `finally`. */
  stop(): void;
}

/**
 * A timer this late, in milliseconds, tells of a busy event loop of our own. Node runs timers before it reads sockets, so what came
 * meanwhile is still unread: it is read, and looked at once more, before the silence is called a stall.
 */
const BUSY_LOOP_MS = 5;

/** Starts watching at once. */
export function createWatchdog({ clock, limits, onStall }: WatchdogOptions): Watchdog {
  const { connectMs = Infinity, firstChunkMs = Infinity, chunkMs = Infinity } = limits;
  const { answerMs = Infinity, totalMs = Infinity } = limits;
  const startMs = clock.nowMs();
  const dueMs: Record<StallLimit, number> = {
    connect: startMs + connectMs,
    'first-chunk': startMs + firstChunkMs,
    chunk: Infinity,
    answer: startMs + answerMs,
    total: startMs + totalMs,
  };
  let watching = true;
  let excused = false;

  const next = (): StallLimit => {
    let soonest: StallLimit = 'total';
    if (dueMs.answer < dueMs[soonest]) soonest = 'answer';
    if (dueMs.connect < dueMs[soonest]) soonest = 'connect';
    if (dueMs['first-chunk'] < dueMs[soonest]) soonest = 'first-chunk';
    if (dueMs.chunk < dueMs[soonest]) soonest = 'chunk';
    return soonest;
  };
  const timer = clock.setTimer(dueMs[next()] - startMs, () => {
    const limit = next();
    if (!excused && limit !== 'total' && clock.nowMs() - dueMs[limit] > BUSY_LOOP_MS) {
      excused = true;
      return timer.reset(0);
    }
    watching = false;
    onStall(limit);
  });

  return {
    connected() {
      if (!watching) return;
      dueMs.connect = Infinity;
      timer.reset(dueMs[next()] - clock.nowMs());
    },
    content(piece = 'answer') {
      if (!watching) return;
      const nowMs = clock.nowMs();
      excused = false;
      dueMs.connect = Infinity;
      dueMs['first-chunk'] = Infinity;
      if (piece === 'answer') dueMs.answer = Infinity;
      dueMs.chunk = nowMs + chunkMs;
      timer.reset(dueMs[next()] - nowMs);
    },
    stop() {
      watching = false;
      timer.cancel();
    },
  };
}
