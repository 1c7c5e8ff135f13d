import type { Clock, Random } from '@paceline/resilience';
import { code, setupWorkflow } from 'paceline';
import type { Workflow } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';

/** What a step does to the world: it is told, and that is all it is. */
export interface Deed {
  readonly runId: string;
  readonly step: string;
  /** The step's idempotency key. */
  readonly key: string;
}

/** How often each step takes effect in a run that goes well. */
export const VISITS: Readonly<Record<string, number>> = { look: 1, refine: 3, book: 1, pay: 1, tell: 1 };

/** Steps that take effect once. */
export const ONCE: ReadonlySet<string> = new Set(['pay']);

const ROUNDS = 3;
const LONGEST_STEP_MS = 20;
const WAIT_MS = 20;
/** Far more than a run needs, killed again and again. */
const TOTAL_MS = 60 * 60_000;

export const GIVEN = z.object({ runId: z.string() });
/** The key is recorded with the step's end, so that whoever reads the journal knows which deed was completed. */
const DONE = z.object({ key: z.string() });

/** Where the steps take effect. */
export interface World {
  /** Told each deed as it is done. */
  readonly tell: (deed: Deed) => void;
  /** How long a step takes. */
  readonly random: Random;
  readonly clock: Clock;
}

/** Makes steps that say what they do before anything else, and then take a while. */
export function stepsTelling({ tell, random, clock }: World) {
  return (step: string, effect: 'pure' | 'idempotent' | 'once') =>
    code({
      input: GIVEN,
      output: DONE,
      effect,
      run: async ({ input, idempotencyKey: key }) => {
        tell({ runId: input.runId, step, key });
        await new Promise<void>((resolve) => void clock.setTimer(random.next() * LONGEST_STEP_MS, resolve));
        return { key };
      },
    });
}

function stepsIn(world: World) {
  const telling = stepsTelling(world);
  return {
    look: telling('look', 'pure'),
    refine: telling('refine', 'pure'),
    book: telling('book', 'idempotent'),
    pay: telling('pay', 'once'),
    tell: telling('tell', 'idempotent'),
  };
}

/** The run's own id, as a step's input. */
export const givenRun = ({ context: { runId } }: { context: { runId: string } }) => ({ runId });

/** Its type would otherwise name the event of one transition, and it stands at several. */
const count = assign(({ context }: { context: { done: number } }) => ({ done: context.done + 1 })) as never;

/** A state that takes a step. */
const taking = <Step extends string, Target extends string>(src: Step, target: Target) => ({
  invoke: { id: src, src, input: givenRun, onDone: { target, actions: count }, onError: 'unsure' as const },
});

/** A step of each effect, a loop of three rounds and a wait; its output is how many steps it has done. */
export function chainIn(world: World): Workflow<{ runId: string }, number> {
  const setup = setupWorkflow({
    id: 'kill-chain',
    input: GIVEN,
    output: z.number(),
    context: z.object({ runId: z.string(), done: z.number() }),
    budget: { totalMs: TOTAL_MS },
    steps: stepsIn(world),
  });
  return setup.createMachine({
    context: ({ input: { runId } }) => ({ runId, done: 0 }),
    output: ({ context }) => context.done,
    initial: 'looking',
    states: {
      looking: taking('look', 'refining'),
      refining: {
        invoke: {
          id: 'refine',
          src: 'refine',
          input: givenRun,
          onDone: [
            {
              guard: ({ context }) => context.done < ROUNDS,
              target: 'refining',
              reenter: true,
              actions: count,
            },
            { target: 'waiting', actions: count },
          ],
          onError: 'unsure',
        },
      },
      waiting: { after: { [WAIT_MS]: 'booking' } },
      booking: taking('book', 'paying'),
      paying: taking('pay', 'telling'),
      telling: taking('tell', 'told'),
      told: { type: 'final' },
      unsure: { type: 'final', tags: ['degraded'] },
    },
  });
}

/** Takes one step and waits for an hour. */
export function parkedChainIn(world: World): Workflow<{ runId: string }, null> {
  return setupWorkflow({
    id: 'kill-parked',
    input: GIVEN,
    output: z.null(),
    context: GIVEN,
    budget: { totalMs: 2 * TOTAL_MS },
    steps: stepsIn(world),
  }).createMachine({
    context: ({ input }) => input,
    output: () => null,
    initial: 'looking',
    states: {
      looking: {
        invoke: {
          id: 'look',
          src: 'look',
          input: ({ context }) => context,
          onDone: 'parked',
          onError: 'over',
        },
      },
      parked: { after: { [TOTAL_MS]: 'over' } },
      over: { type: 'final' },
    },
  });
}
