import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sleep, systemClock } from '@paceline/resilience';
import { aftermathOf } from './aftermath.ts';
import { call } from './call.ts';
import { createWorld } from './rig.ts';
import type { ChildProcess } from 'node:child_process';
import type { Aftermath, UpstreamRequest } from './aftermath.ts';
import type { CallSeen } from './call.ts';
import type { World } from './rig.ts';
import type { FromUpstream } from './upstream.ts';

export interface SocketOptions {
  readonly calls: number;
  readonly seed: number;
}

export interface SocketAftermath extends Aftermath {
  /** In flight at once. */
  readonly concurrency: number;
  /** How late a bare timer was in the same process at the same time: what no call can better. */
  readonly timerLateMs: readonly number[];
}

const CONCURRENCY = 200;

const WITHIN_MS = [500, 10_000] as const;

/** The callers come one by one, and what begins earlier is not timed: code is slow until it has been compiled. */
const RAMP_MS = 5_000;
const WARM_UP_MS = 10_000;

/** A response that has given its answer may keep its connection for a second. */
const GRACE_MS = 1_500;

/** In real time, over loopback sockets. Without guards: breakers would spare the streams their stalls. */
export async function socketCalls({ calls, seed }: SocketOptions): Promise<SocketAftermath> {
  const upstream = fork(join(import.meta.dirname, 'upstream.ts'), [String(seed)]);
  const { providers } = await told(upstream, 'listening');
  const world = createWorld({ clock: systemClock, seed, guards: false }, { providers });
  const timedFromMs = systemClock.nowMs() + WARM_UP_MS;
  const seen = callAll(world, calls);
  await pause(WARM_UP_MS);
  const timer = watchTimer();
  const settled = await seen;
  const timerLateMs = timer.stop();
  await pause(GRACE_MS);
  upstream.send('end');
  const { requests } = await told(upstream, 'requests');
  await world.gateway.close();
  const after = aftermathOf(settled, onOurClock(requests), timedFromMs);
  return { ...after, concurrency: CONCURRENCY, timerLateMs };
}

const pause = (ms: number): Promise<void> => sleep(systemClock, ms, new AbortController().signal);

async function callAll(world: World, calls: number): Promise<readonly CallSeen[]> {
  const seen: CallSeen[] = [];
  let next = 0;
  const caller = async (nth: number): Promise<void> => {
    await pause((nth / CONCURRENCY) * RAMP_MS);
    while (next < calls) seen.push(await call(world, next++, { withinMs: WITHIN_MS }));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, (_, nth) => caller(nth)));
  return seen;
}

const TICK_MS = 10;

function watchTimer(): { stop(): readonly number[] } {
  const lateMs: number[] = [];
  let dueMs = systemClock.nowMs() + TICK_MS;
  const timer = systemClock.setTimer(TICK_MS, () => {
    const nowMs = systemClock.nowMs();
    lateMs.push(nowMs - dueMs);
    dueMs = nowMs + TICK_MS;
    timer.reset(TICK_MS);
  });
  return {
    stop() {
      timer.cancel();
      return lateMs;
    },
  };
}

async function told<Type extends FromUpstream['type']>(upstream: ChildProcess, type: Type) {
  const [message] = (await once(upstream, 'message')) as [FromUpstream];
  if (message.type !== type) throw new Error(`The providers said ${message.type} instead of ${type}.`);
  return message as Extract<FromUpstream, { type: Type }>;
}

/** Wall time is good to a millisecond. */
function onOurClock(requests: readonly UpstreamRequest[]): readonly UpstreamRequest[] {
  const toWallMs = systemClock.epochMs() - systemClock.nowMs();
  return requests.map(({ key, endedMs }) => ({ key, endedMs: endedMs === null ? null : endedMs - toWallMs }));
}
