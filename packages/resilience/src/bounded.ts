import { abortable, AbortReason, linkedController } from './abort.ts';
import type { Clock } from './clock.ts';
import { remainingMs } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { ResilienceError } from './errors.ts';

export interface BoundedOptions {
  readonly clock: Clock;
  /** `NO_DEADLINE` for none. */
  readonly deadline: Deadline;
  /** The caller's. The call gets one of its own, which follows this one. */
  readonly signal: AbortSignal;
}

/**
 * Runs one call that may not outlive its deadline or its caller. It settles at that moment even if the call goes on and never
 * looks at its signal; what such a call returns later is dropped. A call that comes too late is not made at all.
 *
 * Who stopped it stays visible: the deadline rejects with ResilienceError `DEADLINE_EXCEEDED` (the call's signal carries
 * `AbortReason('deadline')`), the caller's abort with the caller's own `signal.reason`.
 */
export async function bounded<T>(
  call: (signal: AbortSignal) => Promise<T>,
  { clock, deadline, signal }: BoundedOptions,
): Promise<T> {
  signal.throwIfAborted();
  const leftMs = remainingMs(deadline, clock);
  if (leftMs === 0) throw new ResilienceError('DEADLINE_EXCEEDED', 'No time was left to make the call.');

  const own = linkedController(signal);
  let expired: AbortReason | undefined;
  const timer = clock.setTimer(leftMs, () => {
    expired = new AbortReason('deadline');
    own.abort(expired);
  });
  try {
    return await abortable(call(own.signal), own.signal);
  } catch (error) {
    if (expired === undefined) throw error;
    throw new ResilienceError('DEADLINE_EXCEEDED', `No result within ${Math.round(leftMs)} ms.`, {
      cause: error,
    });
  } finally {
    timer.cancel();
    own.unlink();
  }
}
