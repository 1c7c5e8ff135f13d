import { AbortReason } from '@paceline/resilience';
import type { Io } from './io.ts';

/** Exit code of a command ended by Ctrl-C, as shells expect it. */
export const INTERRUPTED = 130;

/** Runs in flight may finish for this long after the first Ctrl-C before they are cancelled, in milliseconds. */
const GRACE_MS = 10_000;

export interface Interrupts {
  /** Aborts at the first Ctrl-C. */
  readonly stop: AbortSignal;
  /** Aborts when the grace after the first one is over. */
  readonly cancel: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/** Ctrl-C once: wind down. Twice: end the process now. */
export function watchInterrupts(io: Io, onFirst: () => void): Interrupts {
  const stop = new AbortController();
  const cancel = new AbortController();
  const grace = io.clock.setTimer(GRACE_MS, () => cancel.abort(new AbortReason('shutdown')));
  grace.cancel();
  const unlisten = io.onInterrupt(() => {
    if (stop.signal.aborted) return io.exit(INTERRUPTED);
    stop.abort(new AbortReason('user'));
    grace.reset(GRACE_MS);
    onFirst();
  });
  return {
    stop: stop.signal,
    cancel: cancel.signal,
    dispose() {
      unlisten();
      grace.cancel();
    },
  };
}
