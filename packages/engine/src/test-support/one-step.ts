import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import type { VirtualClock } from '@paceline/resilience/testing';
import { z } from 'zod';
import { setupWorkflow } from '../define/setup-workflow.ts';
import type { Budget, Step } from '../define/step.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import { memoryJournal } from '../journal/memory-store.ts';
import type { JournalStore } from '../journal/store.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { assign } from '../xstate/actions.ts';
import { scriptedGateway } from './gateway.ts';
import type { Reply, ScriptedGateway } from './gateway.ts';

/** A run's input and the step's, whatever they are; the output is the step's, or the failure that stopped it. */
const Anything = z.json();

/** One step with a degraded ending that holds its failure: shows what the step did. */
export function oneStep(step: Step, budget: Budget = { totalMs: 10_000 }) {
  return setupWorkflow({
    id: 'one-step',
    input: Anything,
    output: Anything,
    context: z.object({ value: Anything }),
    budget,
    steps: { step },
  }).createMachine({
    context: ({ input }) => ({ value: input }),
    output: ({ context }) => context.value,
    initial: 'working',
    states: {
      working: {
        invoke: {
          id: 'step',
          src: 'step',
          input: ({ context }: { readonly context: { readonly value: unknown } }) => context.value,
          onDone: { target: 'done', actions: assign(({ event }) => ({ value: event.output as null })) },
          onError: { target: 'failed', actions: assign(({ event }) => ({ value: event.error as null })) },
        },
      },
      done: { type: 'final' },
      failed: { type: 'final', tags: ['degraded'] },
    },
  });
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
