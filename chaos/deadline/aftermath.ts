import type { SimulatedCall } from '@paceline/simulator';
import type { CallSeen } from './call.ts';

/** What is to be said of all calls once the last one is over. */
export interface Aftermath {
  readonly calls: number;
  readonly answered: number;
  /** Ended by their deadline, which is when lateness shows. */
  readonly outOfTime: number;
  /** The caller went away first. */
  readonly gone: number;
  /** Upstream requests. */
  readonly attempts: number;
  /** How long after the deadline each of those settled that ran out of time, in milliseconds, and of the others those that are late. */
  readonly lateMs: readonly number[];
  /** From the moment a caller went away until his request ended upstream; one that never did counts under `open`. */
  readonly cancelledAfterMs: readonly number[];
  /** Upstream requests that never ended. */
  readonly open: number;
  /** Abort listeners left on the callers' signals. */
  readonly listeners: number;
}

/** As its provider saw it; on the callers' clock. */
export type UpstreamRequest = Pick<SimulatedCall, 'key' | 'endedMs'>;

/** @param timedFromMs calls that began earlier are not timed; in real time they have to wait for cold code */
export function aftermathOf(
  seen: readonly CallSeen[],
  upstream: readonly UpstreamRequest[],
  timedFromMs = 0,
): Aftermath {
  const requests = Map.groupBy(upstream, ({ key }) => key.split('/')[0]);
  const requestsOf = ({ nth }: CallSeen): readonly UpstreamRequest[] => requests.get(`r${nth}`) ?? [];
  const timed = seen.filter(({ startedMs }) => startedMs >= timedFromMs);
  return {
    calls: seen.length,
    answered: seen.filter(({ code, goneMs }) => code === null && goneMs === null).length,
    outOfTime: seen.filter(isOutOfTime).length,
    gone: seen.filter(({ goneMs }) => goneMs !== null).length,
    attempts: upstream.length,
    lateMs: timed.filter((call) => isOutOfTime(call) || latenessOf(call) > 0).map(latenessOf),
    cancelledAfterMs: timed.flatMap((call) => cancellationsOf(call, requestsOf(call))),
    open: upstream.filter(({ endedMs }) => endedMs === null).length,
    listeners: seen.reduce((sum, { listeners }) => sum + listeners(), 0),
  };
}

const isOutOfTime = ({ code }: CallSeen): boolean => code === 'DEADLINE_EXCEEDED';

/** Against the deadline, or against the moment the caller went away, if that was earlier. */
function latenessOf({ settledMs, deadlineMs, goneMs }: CallSeen): number {
  return Math.max(0, settledMs - Math.min(deadlineMs, goneMs ?? Infinity));
}

function cancellationsOf({ goneMs }: CallSeen, requests: readonly UpstreamRequest[]): readonly number[] {
  if (goneMs === null) return [];
  return requests.flatMap(({ endedMs }) => (endedMs === null || endedMs < goneMs ? [] : [endedMs - goneMs]));
}
