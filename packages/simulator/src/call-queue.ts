import type { Capacity } from './scenario/scenario.ts';

/** The queue in front of a provider that serves at most so many calls a second. */
export interface CallQueue {
  /**
   * Joins it, and says how long it takes until the call has been served; `null` when too many wait already.
   * @param sinceMs now, since the simulator was created; never less than before
   */
  waitMs(sinceMs: number): number | null;
}

/** Places are given at arrival and never given back, so each call's time is known when it joins. */
export function createCallQueue(capacity: Capacity): CallQueue {
  const { maxQueued = Number.POSITIVE_INFINITY } = capacity;
  /** When those who wait, or are being served, are done; the next one first. */
  const doneAtMs: number[] = [];
  return {
    waitMs(sinceMs) {
      while (doneAtMs[0] !== undefined && doneAtMs[0] <= sinceMs) doneAtMs.shift();
      // The first is being served.
      if (doneAtMs.length > maxQueued) return null;
      const atMs = servedAtMs(doneAtMs.at(-1) ?? sinceMs, capacity);
      doneAtMs.push(atMs);
      return atMs - sinceMs;
    },
  };
}

/** When a call is done whose work begins at `fromMs`, whatever the pace in between. */
function servedAtMs(fromMs: number, { perSecond, changes = [] }: Capacity): number {
  const edges = changes.flatMap(({ betweenMs }) => betweenMs).filter((edge) => edge > fromMs);
  let atMs = fromMs;
  let left = 1;
  for (const edgeMs of edges.filter(Number.isFinite).toSorted((a, b) => a - b)) {
    const perMs = perMsAt(atMs, { perSecond, changes });
    const served = (edgeMs - atMs) * perMs;
    if (served >= left) return atMs + left / perMs;
    left -= served;
    atMs = edgeMs;
  }
  return atMs + left / perMsAt(atMs, { perSecond, changes });
}

function perMsAt(atMs: number, { perSecond, changes = [] }: Capacity): number {
  const change = changes.find(({ betweenMs: [from, to] }) => from <= atMs && atMs < to);
  return ((change?.factor ?? 1) * perSecond) / 1_000;
}
