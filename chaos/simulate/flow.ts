import { code, setupWorkflow } from 'paceline';
import { z } from 'zod';
import { Dice } from './dice.ts';
import { PATIENT_MS } from './patience.ts';
import { asking } from './shapes/models.ts';
import { SHAPES } from './shapes/all.ts';
import { invoking } from './shapes/shape.ts';
import type { Step, Workflow } from 'paceline';
import type { Acting, Body, FlowContext, Making, Part, Shape } from './shapes/shape.ts';

/** What a random workflow is made from; the same in every process. */
export interface FlowPlan {
  readonly id: string;
  readonly seed: string;
  /** Names of `SHAPES`, in order. */
  readonly shapes: readonly string[];
}

export interface Flow {
  readonly workflow: Workflow<FlowInput, Readonly<Record<string, number>>>;
  /** What a run that goes well gives back. */
  expected(n: number): Readonly<Record<string, number>>;
}

export interface FlowInput {
  readonly runId: string;
  readonly n: number;
}

/** A process's hands: what its bodies do to the world. */
export interface Hands {
  act(acting: Acting): Promise<{ readonly key: string }>;
  /** How often a body was tried in this process, this time included. */
  tries(key: string): number;
}

const GIVEN = z.object({ runId: z.string() });
const INPUT = z.object({ runId: z.string(), n: z.number() });
const COUNTS = z.record(z.string(), z.number());
/** The key is recorded with the step's end, so that the ledger knows which deed was completed. */
const DONE = z.object({ key: z.string() });

/** Asks a provider without faults and does what may be done again: nothing excuses its failure. */
const CALM: Readonly<Record<string, Shape>> = { calm: asking('calm') };

/** Puts parts together, one after the other. */
export function makeFlow({ id, seed, shapes }: FlowPlan, hands: Hands): Flow {
  const dice = new Dice(seed);
  const steps: Record<string, Step> = {};
  const nameAt = (at: number): string => (at === shapes.length ? 'closing' : `p${at}`);
  const parts = shapes.map((shape, at) => {
    const make = SHAPES[shape] ?? CALM[shape];
    if (make === undefined) throw new Error(`There is no shape ${shape}.`);
    return make({
      name: nameAt(at),
      next: `#${nameAt(at + 1)}`,
      dice: dice.of(at),
      step: (name, body) => void (steps[name] = codeStep(name, body, hands)),
      declare: (name, step) => void (steps[name] = step),
      act: (acting) => hands.act(acting),
    } satisfies Making);
  });
  const setup = setupWorkflow({
    id,
    input: INPUT,
    output: COUNTS,
    context: z.object({ runId: z.string(), n: z.number(), done: COUNTS }),
    budget: { totalMs: PATIENT_MS },
    steps: { ...steps, close: codeStep('close', { effect: 'pure', longestMs: 1 }, hands) },
  });
  const machine = {
    context: ({ input }: { input: FlowInput }) => ({ ...input, done: {} }),
    output: ({ context }: { context: FlowContext }) => context.done,
    initial: Object.keys((parts[0] as Part).states)[0],
    states: {
      ...Object.assign({}, ...parts.map(withEntryId)),
      closing: { id: 'closing', invoke: invoking('close', 'ended') },
      ended: { id: 'ended', type: 'final' },
      unsure: { id: 'unsure', type: 'final', tags: ['degraded'] },
    },
  };
  return {
    // Its shape is drawn, so no type can follow it.
    workflow: setup.createMachine(machine as never) as unknown as Flow['workflow'],
    expected: (n) => Object.assign({ close: 1 }, ...parts.map(({ counts }) => counts(n))),
  };
}

/** The part's first state can be named from anywhere, however deep. */
function withEntryId({ states }: Part, at: number): Part['states'] {
  return Object.fromEntries(
    Object.entries(states).map(([name, state], nth) => [
      name,
      nth === 0 ? { id: `p${at}`, ...state } : state,
    ]),
  );
}

function codeStep(
  name: string,
  { effect, longestMs = 50, failures = 0, attempts }: Body,
  hands: Hands,
): Step {
  return code({
    input: GIVEN,
    output: DONE,
    effect,
    ...(attempts !== undefined && { attempts }),
    run: async ({ input: { runId }, idempotencyKey: key }) => {
      const done = await hands.act({ runId, step: name, effect, key, longestMs });
      if (hands.tries(key) <= failures) throw new Error('It fails, as it is meant to.');
      return done;
    },
  });
}
