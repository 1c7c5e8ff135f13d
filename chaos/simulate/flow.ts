import { setupWorkflow } from 'paceline';
import { z } from 'zod';
import { codeStep } from './code-step.ts';
import { Dice } from './dice.ts';
import { PATIENT_MS } from './patience.ts';
import { SHAPES } from './shapes/all.ts';
import { asking } from './shapes/models.ts';
import { invoking } from './shapes/shape.ts';
import type { Step, Workflow } from 'paceline';
import type { Hands } from './code-step.ts';
import type { FlowContext, Making, Part, Shape } from './shapes/shape.ts';

/** What a random workflow is made from; the same in every process. */
export interface FlowPlan {
  readonly id: string;
  readonly seed: string;
  /** Names of `SHAPES`, in order. */
  readonly shapes: readonly string[];
  /** Whether the time counts in which only people can bring a run on. */
  readonly waiting: 'counts' | 'free';
}

export interface Flow {
  readonly workflow: Workflow<FlowInput, Readonly<Record<string, number>>>;
  /** Signals that a person has to send. */
  readonly signals: readonly string[];
  /** Steps that are undone when the run does not reach its goal. */
  readonly undone: readonly string[];
  /** What a run that goes well gives back; `null`: it is not to reach its goal. */
  expected(n: number): Readonly<Record<string, number>> | null;
}

export interface FlowInput {
  readonly runId: string;
  readonly n: number;
}

const INPUT = z.object({ runId: z.string(), n: z.number() });
const COUNTS = z.record(z.string(), z.number());
const PAYLOAD = z.object({ by: z.string() });

/** Asks a provider without faults and does what may be done again: nothing excuses its failure. */
const CALM: Readonly<Record<string, Shape>> = { calm: asking('calm') };

/** What the parts of a flow declare. */
interface Declared {
  readonly steps: Record<string, Step>;
  readonly signals: Record<string, typeof PAYLOAD>;
}

/** Puts parts together, one after the other. */
export function makeFlow({ id, seed, shapes, waiting }: FlowPlan, hands: Hands): Flow {
  const close = codeStep('close', { effect: 'pure', longestMs: 1 }, hands);
  const declared: Declared = { steps: { close }, signals: {} };
  const nameAt = (at: number): string => (at === shapes.length ? 'closing' : `p${at}`);
  const parts = shapes.map((shape, at) => {
    const make = SHAPES[shape] ?? CALM[shape];
    if (make === undefined) throw new Error(`There is no shape ${shape}.`);
    const place = { name: nameAt(at), next: `#${nameAt(at + 1)}`, dice: new Dice(`${seed}/${at}`) };
    return make({ ...place, ...declaring(declared, hands) });
  });
  const setup = setupWorkflow({
    id,
    input: INPUT,
    output: COUNTS,
    context: z.object({ runId: z.string(), n: z.number(), done: COUNTS }),
    budget: { totalMs: PATIENT_MS, waiting },
    ...declared,
  });
  return {
    // Its shape is drawn, so no type can follow it.
    workflow: setup.createMachine(machineOf(parts) as never) as unknown as Flow['workflow'],
    signals: Object.keys(declared.signals),
    undone: Object.keys(declared.steps).filter((step) => 'compensate' in (declared.steps[step] ?? {})),
    expected: (n) =>
      parts.some(({ fails }) => fails?.(n))
        ? null
        : Object.assign({ close: 1 }, ...parts.map(({ counts }) => counts(n))),
  };
}

function declaring({ steps, signals }: Declared, hands: Hands): Omit<Making, 'name' | 'next' | 'dice'> {
  return {
    step: (name, body) => void (steps[name] = codeStep(name, body, hands)),
    body: (name, body) => codeStep(name, body, hands),
    hears: (signal) => void (signals[signal] = PAYLOAD),
    declare: (name, step) => void (steps[name] = step),
    act: (acting) => hands.act(acting),
  };
}

function machineOf(parts: readonly Part[]): object {
  const fails = parts.some((part) => part.fails !== undefined);
  return {
    context: ({ input }: { input: FlowInput }) => ({ ...input, done: {} }),
    output: ({ context }: { context: FlowContext }) => context.done,
    initial: Object.keys(parts[0]?.states ?? {})[0],
    states: {
      ...Object.assign({}, ...parts.map(withEntryId)),
      closing: { id: 'closing', invoke: invoking('close', 'ended') },
      ended: { type: 'final' },
      unsure: { id: 'unsure', type: 'final', tags: ['degraded'] },
      ...(fails && { undone: { id: 'undone', type: 'final', tags: ['failed'] } }),
    },
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
