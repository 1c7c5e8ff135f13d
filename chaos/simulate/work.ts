import { isEngineError } from 'paceline';
import { attend } from './people.ts';
import type { RunOutcome } from 'paceline';
import type { Life } from './life.ts';
import type { RunPlan } from './plan.ts';
import type { World } from './world.ts';

/** Between two looks at what is left to do, in milliseconds. */
const LOOK_MS = 1_000;

/** Looks after which a simulation counts as stuck: more than any run's budget, waited out. */
const MOST_LOOKS = 2_000;

/**
 * A process does not know that it is taken for dead. It sees to its runs as before where leases keep two that live from taking runs
 * from each other again and again; a store in memory knows none.
 */
const isRelieved = (life: Life, { plan }: World): boolean => life.isOver && plan.store === 'memory';

/** Takes over what others left, starts what callers ask for, and stays until every run has ended. */
export async function work(life: Life, world: World): Promise<void> {
  const asked = new Map<string, Promise<void>>();
  const bornMs = world.clock.nowMs();
  const attending = world.plan.runs.map((run) => attend(life, world, run));
  let isRecovered = false;
  for (let look = 0; !isRelieved(life, world); look++) {
    if (look === MOST_LOOKS) {
      world.ledger.stuck = true;
      break;
    }
    const found = await takeOver(life, world);
    // What is taken over from a process itself is not its to recover any more.
    if (!isRecovered && !life.isOver && found.left === 0) {
      isRecovered = true;
      world.ledger.recovered(life.number, world.clock.nowMs() - bornMs);
    }
    for (const run of world.plan.runs) {
      if (!asked.has(run.runId) && !world.ledger.acknowledged.has(run.runId)) {
        asked.set(
          run.runId,
          ask(life, world, run).finally(() => asked.delete(run.runId)),
        );
      }
    }
    await Promise.all([...found.ends, ...asked.values()]);
    if (isRelieved(life, world) || (await isAllOver(life, world))) break;
    await life.pause(LOOK_MS);
  }
  life.isDone = true;
  await Promise.all(attending);
}

interface Found {
  readonly ends: readonly Promise<void>[];
  readonly left: number;
}

async function takeOver(life: Life, world: World): Promise<Found> {
  try {
    const { runs, left } = await life.engine.recover(life.flows.map(({ workflow }) => workflow as never));
    for (const { code } of left) world.ledger.note({ life: life.number, left: code });
    const ends = runs.map(({ runId, result }) => heard(world, { life, runId }, result));
    return { ends, left: left.length };
  } catch (error) {
    world.ledger.refused(life.number, '', codeOf(error));
    return { ends: [], left: 1 };
  }
}

/** A caller who asks under his own id, and again if he was not told that the run had begun. */
async function ask(
  life: Life,
  world: World,
  { runId, n, flow, atMs, tenant, deadlineMs }: RunPlan,
): Promise<void> {
  const waitMs = atMs - world.clock.nowMs();
  if (waitMs > 0) await life.pause(waitMs);
  if (isRelieved(life, world)) return;
  const workflow = life.flows[flow]?.workflow as never;
  await heard(
    world,
    { life, runId },
    life.engine.run(workflow, { runId, n } as never, { runId, tenant, deadlineMs }),
  );
}

async function heard(
  world: World,
  { life, runId }: { readonly life: Life; readonly runId: string },
  result: Promise<RunOutcome<unknown>>,
): Promise<void> {
  try {
    world.ledger.ended(life.number, await result);
  } catch (error) {
    world.ledger.refused(life.number, runId, codeOf(error));
    // The caller was not told, but the run is there: only the answer to him was lost.
    if (codeOf(error) === 'RUN_EXISTS') world.ledger.acknowledged.add(runId);
  }
}

async function isAllOver(life: Life, world: World): Promise<boolean> {
  if (world.plan.runs.some(({ runId }) => !world.ledger.acknowledged.has(runId))) return false;
  try {
    return (await life.journal.list({ unfinished: true })).length === 0;
  } catch (error) {
    world.ledger.refused(life.number, '', codeOf(error));
    return false;
  }
}

function codeOf(error: unknown): string {
  return isEngineError(error) ? error.code : String(error);
}
