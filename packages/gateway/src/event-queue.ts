/** Hands what one side pushes to the one consumer on the other side, in order, each at its own pace. */
export interface EventQueue<T> {
  readonly push: (event: T) => void;
  /** No more events. */
  end(): void;
  /** No more events; the consumer gets `error` once it has had those pushed before. */
  fail(error: unknown): void;
  all(): AsyncGenerator<T, void>;
}

export function createEventQueue<T>(): EventQueue<T> {
  let waiting: T[] = [];
  let closed: { readonly error?: unknown } | null = null;
  let wake: (() => void) | undefined;
  const close = (how: { readonly error?: unknown }): void => {
    closed = how;
    wake?.();
  };
  return {
    push(event) {
      waiting.push(event);
      wake?.();
    },
    end: () => close({}),
    fail: (error) => close({ error }),
    async *all() {
      for (;;) {
        const ready = waiting;
        waiting = [];
        yield* ready;
        if (waiting.length > 0) continue;
        if (closed !== null) {
          if ('error' in closed) throw closed.error;
          return;
        }
        await new Promise<void>((resolve) => void (wake = resolve));
      }
    },
  };
}
