/** Why work was stopped. It is the `reason` of every signal Paceline aborts. */
export type AbortCause = 'deadline' | 'user' | 'superseded' | 'shutdown';

const brand = Symbol.for('paceline.resilience.abort-reason');

/** Its name is `AbortError`, so that code which knows nothing of Paceline still sees an abort in it. */
export class AbortReason extends Error {
  readonly [brand] = true;
  override readonly name = 'AbortError';
  readonly abortCause: AbortCause;

  constructor(abortCause: AbortCause, message = `Aborted: ${abortCause}`) {
    super(message);
    this.abortCause = abortCause;
  }
}

/** Works across duplicate installs of this package, unlike `instanceof`. */
export function isAbortReason(reason: unknown): reason is AbortReason {
  return typeof reason === 'object' && reason !== null && brand in reason;
}

export interface LinkedController {
  readonly signal: AbortSignal;
  /** Aborts this signal alone, never the parent's. */
  abort(reason: unknown): void;
  /** Stops listening to the parent. Call it in `finally`: `AbortSignal.any` would leak on a long-lived parent. */
  unlink(): void;
}

/** A controller that follows its parent: one per attempt, derived from the step's, derived from the run's. */
export function linkedController(parent: AbortSignal): LinkedController {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    unlink: () => parent.removeEventListener('abort', follow),
  };
}

/**
 * Settles as `work` does, or rejects with `signal.reason` the moment it aborts, even if `work` never settles; whatever `work`
 * does then is dropped, a rejection too.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
  });
}
