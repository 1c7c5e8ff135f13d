import { createGateway } from '@paceline/gateway';
import { code, createEngine, memoryJournal, setupWorkflow } from 'paceline';
import type { JournalStore } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';
import { addOne, STEPS, type PrepareSubject, type RunChain } from '../chain.ts';

/** On the memory journal. Like the peers it forgets a run that has ended. */
export const preparePaceline: PrepareSubject = async () => pacelineChain(memoryJournal({ retainRuns: 0 }));

/**
 * Ten `code` steps: schemas, deadlines, floors, fencing, journal and events as in any run. The gateway is there because an engine
 * needs one; no step calls a model.
 */
export function pacelineChain(journal: JournalStore): RunChain {
  const { createMachine } = setupWorkflow({
    id: 'chain',
    input: z.number(),
    output: z.number(),
    context: z.object({ value: z.number() }),
    budget: { totalMs: 60_000 },
    steps: {
      add: code({ input: z.number(), output: z.number(), effect: 'pure', run: ({ input }) => addOne(input) }),
    },
  });
  const stateNames = Array.from({ length: STEPS }, (_, step) => `step${step}`);
  const states = stateNames.map((name, step) => [
    name,
    {
      invoke: {
        id: name,
        src: 'add' as const,
        input: ({ context }: { context: { value: number } }) => context.value,
        onDone: {
          target: stateNames[step + 1] ?? 'done',
          actions: assign(({ event }) => ({ value: (event as unknown as { output: number }).output })),
        },
        onError: 'failed',
      },
    },
  ]);
  const workflow = createMachine({
    context: ({ input }) => ({ value: input }),
    output: ({ context }) => context.value,
    initial: 'step0',
    states: {
      ...Object.fromEntries(states),
      done: { type: 'final' },
      failed: { type: 'final', tags: ['degraded'] },
    },
  });
  const engine = createEngine({ gateway: createGateway({ roles: {} }), journal });
  return async (start) => {
    const outcome = await engine.run(workflow, start);
    if (!outcome.ok) throw new Error(`Paceline ended ${outcome.status}: ${outcome.error.message}`);
    return outcome.output;
  };
}
