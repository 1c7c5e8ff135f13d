import { sleep } from '@paceline/resilience';
import { runChain } from './chain.ts';
import { phaseFigures } from './figures.ts';
import { openRig } from './rig.ts';
import { brownOuts, EVERY_MS, TIMELINE } from './world.ts';
import type { ChainSeen } from './chain.ts';
import type { PhaseFigures } from './figures.ts';
import type { Place, Rig, RigOptions } from './rig.ts';
import type { Timeline } from './world.ts';

export interface Drive extends Omit<RigOptions, 'brownOuts'> {
  readonly place: Place;
  /** After the warm-up. */
  readonly chains: number;
  /** @default TIMELINE */
  readonly timeline?: Timeline;
}

/** Starts the chains at their times, whatever became of those before, and says what became of those after the warm-up. */
export async function drive(
  { place, chains, timeline = TIMELINE, ...options }: Drive,
  progress: (chainsStarted: number) => void = () => {},
): Promise<PhaseFigures> {
  const warmUp = timeline.warmUpMs / EVERY_MS;
  const spans = brownOuts(timeline, timeline.warmUpMs + chains * EVERY_MS);
  const rig = await openRig({ ...options, brownOuts: spans }, place);
  try {
    const seen = await rig.run(runChains(rig, warmUp + chains, (nth) => progress(nth - warmUp)));
    return phaseFigures(seen.slice(warmUp), spans);
  } finally {
    await rig.close();
  }
}

async function runChains(
  rig: Rig,
  count: number,
  progress: (nth: number) => void,
): Promise<readonly ChainSeen[]> {
  const never = new AbortController().signal;
  const running: Promise<ChainSeen>[] = [];
  for (let nth = 0; nth < count; nth++) {
    const waitMs = rig.originMs + nth * EVERY_MS - rig.clock.nowMs();
    if (waitMs > 0) await sleep(rig.clock, waitMs, never);
    running.push(runChain(rig, nth));
    progress(nth);
  }
  return Promise.all(running);
}
