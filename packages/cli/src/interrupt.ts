import { AbortReason } from '@paceline/resilience';
import type { Interruption } from './interruption.ts';
import type { Io } from './io.ts';

/** Exit codes of a command that was ended, as shells and supervisors expect them: 128 and the signal's number. */
export const INTERRUPTED: Readonly<Record<Interruption, number>> = { interrupt: 130, terminate: 143 };

/** Runs in flight may finish for this long after the first Ctrl-C before they are cancelled, in milliseconds. */
const GRACE_MS = 10_000;

/** Recorded runs may finish for this long after SIGTERM before they are left to another process: supervisors kill after 10 s or more. */
const LEAVING_MS = 5_000;

export interface Interrupts {
  /** Aborts at the first of them. */
  readonly stop: AbortSignal;
  /** Aborts when what runs is to be cancelled. */
  readonly cancel: AbortSignal;
  /** Aborts when what runs is to be left unfinished. */
  readonly leave: AbortSignal;
  /** What the first of them was; `null` while there is none. */
  cause(): Interruption | null;
  /** Stops listening. */
  dispose(): void;
}

/**
 * Once: wind down. Twice: end the process now.
 * @param resumable whether SIGTERM leaves what runs to another process; otherwise it means what Ctrl-C does
 */
export function watchInterrupts(
  io: Io,
  resumable: boolean,
  onFirst: (cause: Interruption) => void,
): Interrupts {
  const [stop, cancel, leave] = [new AbortController(), new AbortController(), new AbortController()];
  let first: Interruption | null = null;
  const grace = io.clock.setTimer(GRACE_MS, () => {
    const end = resumable && first === 'terminate' ? leave : cancel;
    end.abort(new AbortReason('shutdown'));
  });
  grace.cancel();
  const unlisten = io.onInterrupt((cause) => {
    if (first !== null) return io.exit(INTERRUPTED[cause]);
    first = cause;
    stop.abort(new AbortReason('user'));
    grace.reset(resumable && cause === 'terminate' ? LEAVING_MS : GRACE_MS);
    onFirst(cause);
  });
  return {
    stop: stop.signal,
    cancel: cancel.signal,
    leave: leave.signal,
    cause: () => first,
    dispose() {
      unlisten();
      grace.cancel();
    },
  };
}
