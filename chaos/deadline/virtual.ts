import { sleep } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { aftermathOf } from './aftermath.ts';
import { call } from './call.ts';
import { createWorld, createUpstream } from './rig.ts';
import type { Aftermath } from './aftermath.ts';
import type { CallSeen } from './call.ts';
import type { World } from './rig.ts';

export interface VirtualOptions {
  readonly calls: number;
  readonly seed: number;
  /** Told after each world, with the calls so far. */
  readonly progress: (calls: number) => void;
}

export interface VirtualAftermath extends Aftermath {
  /** Calls that had not settled long after their deadline. */
  readonly unsettled: number;
  /** Timers still set when all was over. */
  readonly timers: number;
}

/** Calls of one gateway, which live long enough to open its breakers, to learn its latencies and to find its queues full. */
const CALLS_PER_WORLD = 500;

/** They begin at random moments of this time. */
const STARTS_MS = 120_000;

const WITHIN_MS = [20, 40_000] as const;

/** After the last deadline: a response that has given its answer may keep its connection for a second. */
const GRACE_MS = 1_100;

/** Every other world is without guards: there nothing spares a call its hazard. */
export async function virtualCalls({
  calls,
  seed,
  progress,
}: VirtualOptions): Promise<readonly VirtualAftermath[]> {
  const worlds: VirtualAftermath[] = [];
  for (let made = 0; made < calls; made += CALLS_PER_WORLD) {
    const nth = worlds.length;
    const count = Math.min(CALLS_PER_WORLD, calls - made);
    worlds.push(await runWorld({ count, seed: seed * 1_000 + nth, guards: nth % 2 === 0 }));
    progress(made + count);
  }
  return worlds;
}

async function runWorld({ count, seed, guards }: { count: number; seed: number; guards: boolean }) {
  const clock = createVirtualClock();
  const options = { clock, seed, guards };
  const upstream = createUpstream(options);
  const world = createWorld(options, { providers: upstream.providers(), fetch: upstream.fetch });
  const seen: CallSeen[] = [];
  for (let nth = 0; nth < count; nth++) void callSometime(world, nth).then((each) => seen.push(each));
  await clock.advance(STARTS_MS + WITHIN_MS[1] + GRACE_MS);
  const after = aftermathOf(seen, upstream.calls);
  return { ...after, unsettled: count - seen.length, timers: clock.pendingTimers() };
}

async function callSometime(world: World, nth: number): Promise<CallSeen> {
  await sleep(world.clock, world.random.next() * STARTS_MS, new AbortController().signal);
  return call(world, nth, { withinMs: WITHIN_MS });
}
