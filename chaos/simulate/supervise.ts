import { isEngineError } from 'paceline';
import { Life } from './life.ts';
import { LAST_LIFE } from './plan.ts';
import { work } from './work.ts';
import type { LifePlan } from './plan.ts';
import type { World } from './world.ts';

/** By how much the machine of who takes over from a living process is ahead: more than a lease. */
const SKEW_MS = 20_000;

/** After a process that could not open its journal, in milliseconds. */
const RESTART_MS = 1_000;

/** The simulation's end: the last process, all of whose runs have ended, and those that were taken for dead meanwhile. */
export interface Survivors {
  readonly last: Life;
  readonly zombies: readonly Life[];
}

/** Starts one process after the other, as a supervisor does, until all runs have ended. */
export async function supervise(world: World): Promise<Survivors> {
  let zombies: Life[] = [];
  let skewMs = 0;
  for (let number = 0; ; number++) {
    const plan = world.plan.lives[number] ?? LAST_LIFE;
    const life = await start(world, plan, { number, skewMs });
    life.working = work(life, world);
    await Promise.race([life.over, life.working]);
    if (!life.isOver) {
      life.spare();
      return { last: life, zombies };
    }
    world.ledger.crashes++;
    if (life.clock.alive) {
      zombies.push(life);
      skewMs += SKEW_MS;
    } else {
      for (const zombie of zombies) zombie.die();
      zombies = [];
      world.disk.crash();
    }
  }
}

/** A journal that cannot be opened says so; the process is started again until it can. */
async function start(
  world: World,
  plan: LifePlan,
  birth: { readonly number: number; readonly skewMs: number },
): Promise<Life> {
  if (plan.trouble !== null) world.disk.harm(plan.trouble);
  else world.disk.heal();
  for (;;) {
    try {
      return new Life(world, plan, birth);
    } catch (error) {
      if (!isEngineError(error) || error.code !== 'JOURNAL_UNUSABLE') throw error;
      world.ledger.note({ refused: birth.number });
      await new Promise<void>((resolve) => void world.clock.setTimer(RESTART_MS, resolve));
    }
  }
}
