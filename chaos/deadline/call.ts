import { getEventListeners } from 'node:events';
import { isGatewayError } from '@paceline/gateway';
import { AbortReason } from '@paceline/resilience';
import type { ModelRequest } from '@paceline/gateway';
import type { Clock } from '@paceline/resilience';
import { drawMs } from './hazards.ts';
import type { World } from './rig.ts';

/**
 * - `wait`: for the whole answer
 * - `read`: the stream, to its end
 * - `leave`: the stream, in the middle
 * - `cancel`: by the signal, at any moment
 */
const MANNERS = ['wait', 'read', 'leave', 'cancel'] as const;

type Manner = (typeof MANNERS)[number];

/** One call as its caller saw it; moments are on the clock. */
export interface CallSeen {
  readonly nth: number;
  readonly startedMs: number;
  readonly deadlineMs: number;
  /** When the caller went away; `null` if he stayed. */
  readonly goneMs: number | null;
  readonly settledMs: number;
  /** Why there was no answer; `null` if there was one, or if nobody was left to see it. */
  readonly code: string | null;
  /** Abort listeners still on the caller's signal; to be asked when all is over. */
  readonly listeners: () => number;
}

export interface CallRange {
  /** Of the deadlines, drawn between the two. */
  readonly withinMs: readonly [least: number, most: number];
}

/** Makes one call, in a manner and with a deadline of its own. Never throws. */
export async function call(world: World, nth: number, { withinMs }: CallRange): Promise<CallSeen> {
  const { clock, random } = world;
  const manner = MANNERS[Math.floor(random.next() * MANNERS.length)] as Manner;
  const timeMs = drawMs(...withinMs, random);
  const startedMs = clock.nowMs();
  const deadlineMs = startedMs + timeMs;
  const caller = createCaller(clock, manner === 'cancel' ? random.next() * timeMs : Infinity);
  const request: ModelRequest = {
    route: 'reason',
    messages: [{ role: 'user', text: 'Go on.' }],
    answer: { type: 'text' },
    deadline: { atMs: deadlineMs },
    signal: caller.signal,
    call: { runId: `run-r${nth}`, step: 'ask', turn: 0 },
  };
  let code: string | null = null;
  try {
    if (manner === 'wait' || manner === 'cancel') await world.gateway.generate(request);
    else await readStream(world, request, { events: manner === 'leave' ? 3 : Infinity, leave: caller.leave });
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    code = error.code;
  }
  const settledMs = clock.nowMs();
  caller.stay();
  const listeners = () => getEventListeners(caller.signal, 'abort').length;
  return { nth, startedMs, deadlineMs, goneMs: caller.goneMs(), settledMs, code, listeners };
}

/** Leaves after so many events, if there are so many before the end. */
async function readStream(
  { gateway }: World,
  request: ModelRequest,
  { events, leave }: { events: number; leave: () => void },
): Promise<void> {
  let left = events;
  for await (const { type } of gateway.stream(request)) {
    if (type === 'end' || --left > 0) continue;
    leave();
    break;
  }
}

/** Somebody who may go away: by his signal, when his time has come, or by turning his back on a stream. */
function createCaller(clock: Clock, cancelAfterMs: number) {
  const controller = new AbortController();
  let goneMs: number | null = null;
  const leave = (): void => void (goneMs = clock.nowMs());
  const timer = clock.setTimer(cancelAfterMs, () => {
    leave();
    controller.abort(new AbortReason('user', 'No longer wanted.'));
  });
  return { signal: controller.signal, leave, goneMs: () => goneMs, stay: () => timer.cancel() };
}
