/** Why work was stopped. It is the `reason` of every signal Paceline aborts. */
export type AbortCause = 'deadline' | 'user' | 'superseded' | 'shutdown';

export class AbortReason extends Error {
  override readonly name = 'AbortError';
  readonly abortCause: AbortCause;

  constructor(abortCause: AbortCause, message = `Aborted: ${abortCause}`) {
    super(message);
    this.abortCause = abortCause;
  }
}

export interface LinkedController {
  readonly signal: AbortSignal;
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

/** Rejects with `signal.reason` the moment it aborts, even if `work` never settles; then `work`'s result is dropped. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
