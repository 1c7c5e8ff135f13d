import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import type { Budget, Step } from '../define/step.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { scriptedGateway } from './gateway.ts';
import type { Reply, ScriptedGateway } from './gateway.ts';
import { flow } from './nested.ts';

/** One step with a degraded ending that holds its failure: shows what the step did. */
export function oneStep(step: Step, budget?: Budget) {
  return flow('one-step', step, budget === undefined ? {} : { budget });
}

export interface World {
  readonly clock: VirtualClock;
  readonly gateway: ScriptedGateway;
  readonly journal: JournalStore;
  readonly engine: Engine;
}

/** An engine in virtual time whose models answer from a script. */
export function scriptedWorld(...replies: readonly Reply[]): World {
  const clock = createVirtualClock();
  const gateway = scriptedGateway(...replies);
  const journal = memoryJournal();
  const engine = createEngine({ gateway, journal, clock, random: seededRandom(7), replayCheck: true });
  return { clock, gateway, journal, engine };
}

/** Runs one step in a world of its own to the end, and demands that nothing is left over. */
export async function runStepAlone(
  step: Step,
  input: unknown,
  { replies = [], budget }: { readonly replies?: readonly Reply[]; readonly budget?: Budget } = {},
): Promise<World & { readonly outcome: RunOutcome<unknown> }> {
  const world = scriptedWorld(...replies);
  const { clock, engine } = world;
  const outcome = await clock.run(engine.run(oneStep(step, budget), input as null, { runId: 'run' }));
  if (clock.pendingTimers() > 0) throw new Error(`${clock.pendingTimers()} timers are left.`);
  return { ...world, outcome };
}
