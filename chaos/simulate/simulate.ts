import { workflowInfo, workflowsWithin } from 'paceline';
import { checkReplay } from 'paceline/testing';
import { INVARIANTS } from './invariants.ts';
import { planOf } from './plan.ts';
import { supervise } from './supervise.ts';
import { openWorld } from './world.ts';
import type { JournalEntry } from 'paceline';
import type { InvariantId } from './invariants.ts';
import type { Finding, History, Seen } from './seen.ts';
import type { Life } from './life.ts';
import type { Survivors } from './supervise.ts';
import type { World } from './world.ts';

const LONGEST_BODY_MS = 1_000;

/** What one seed has shown; plain data. */
export interface SeedReport {
  readonly seed: number;
  readonly store: string;
  readonly hash: string;
  readonly succeeded: number;
  readonly runs: number;
  /** Processes that were killed or taken for dead. */
  readonly crashes: number;
  /** How much each invariant was held against. */
  readonly looked: Readonly<Record<InvariantId, number>>;
  readonly violations: readonly string[];
}

/**
 * One seed from the first process to the last run's end, and what became of the invariants.
 * @param onLine told all that happens, a line of JSON each
 */
export async function simulate(seed: number, onLine?: (line: string) => void): Promise<SeedReport> {
  const plan = planOf(seed);
  onLine?.(JSON.stringify(plan));
  const world = openWorld(plan, onLine);
  const unhandled: string[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(String(reason));
  process.on('unhandledRejection', onUnhandled);
  const jumps = world.plan.jumps.map(({ atMs, byMs }) =>
    world.clock.setTimer(atMs, () => world.clock.jumpEpoch(byMs)),
  );
  try {
    const survivors = await world.clock.run(supervise(world));
    for (const jump of jumps) jump.cancel();
    world.disk.heal();
    const seen = await restAndLook(world, survivors);
    return report({ ...seen, unhandled });
  } catch (error) {
    return thrown(world, error);
  } finally {
    process.off('unhandledRejection', onUnhandled);
    world.disk.heal();
    world.disk.remove();
  }
}

async function restAndLook(world: World, { last, zombies }: Survivors): Promise<Omit<Seen, 'unhandled'>> {
  const { clock } = world;
  const histories = await clock.run(readHistories(last));
  const replays = await clock.run(replayAll(last, world, histories));
  for (const life of [...zombies, last]) await clock.run(life.rest());
  // Bodies that nobody waits for any more come to their ends by themselves.
  await clock.advance(LONGEST_BODY_MS);
  return {
    world,
    flows: last.flows,
    histories,
    replays,
    timersLeft: clock.pendingTimers(),
    callsLeft: world.simulator.calls.filter(({ ended }) => ended === null).length,
    listenersLeft: last.gateway.events.listenerCount('attempt-end'),
  };
}

async function readHistories({ journal }: Life): Promise<readonly History[]> {
  const histories: History[] = [];
  for (const { runId } of await journal.list({})) {
    const entries: JournalEntry[] = [];
    for await (const entry of journal.entries(runId)) entries.push(entry);
    const record = await journal.load(runId);
    if (record !== undefined) histories.push({ record, entries });
  }
  return histories;
}

async function replayAll(
  life: Life,
  world: World,
  histories: readonly History[],
): Promise<readonly string[]> {
  const workflows = [...workflowsWithin(life.flows.map(({ workflow }) => workflow as never))];
  const found: string[] = [];
  for (const { record } of histories) {
    world.ledger.note(record);
    const workflow = workflows.find((each) => workflowInfo(each).id === record.workflowId);
    await checkReplay(workflow as never, life.journal, record).catch((error: unknown) =>
      found.push(String(error)),
    );
  }
  return found;
}

/** What a timer throws would have ended a process of its own, and with it every run. */
function thrown({ plan, ledger }: World, error: unknown): SeedReport {
  const none = Object.fromEntries(Object.keys(INVARIANTS).map((id) => [id, 0])) as SeedReport['looked'];
  const how = error instanceof Error ? error.stack : String(error);
  return {
    seed: plan.seed,
    store: plan.store,
    hash: ledger.hash(),
    succeeded: 0,
    runs: 0,
    crashes: ledger.crashes,
    looked: none,
    violations: [`I8: it ended the process: ${how}`],
  };
}

function report(seen: Seen): SeedReport {
  const { plan, ledger } = seen.world;
  const findings = Object.entries(INVARIANTS).map(([id, { check }]): [string, Finding] => [id, check(seen)]);
  return {
    seed: plan.seed,
    store: plan.store,
    hash: ledger.hash(),
    succeeded: seen.histories.filter(({ record }) => record.status === 'succeeded').length,
    runs: seen.histories.length,
    crashes: ledger.crashes,
    looked: Object.fromEntries(findings.map(([id, { looked }]) => [id, looked])) as SeedReport['looked'],
    violations: findings.flatMap(([id, { violations }]) => violations.map((each) => `${id}: ${each}`)),
  };
}
