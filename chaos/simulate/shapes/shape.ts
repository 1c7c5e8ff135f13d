import { assign } from 'xstate';
import { z } from 'zod';
import type { Effect, Step } from 'paceline';
import type { Dice } from '../dice.ts';

/** A part of a random machine: it is entered at its first state and goes on with the next part. */
export interface Part {
  /** By name; the first is where it begins. Names start with the part's own. */
  readonly states: Readonly<Record<string, object>>;
  /** How often each step is counted in a run that goes well; by the run's number where that decides. */
  readonly counts: (n: number) => Readonly<Record<string, number>>;
  /** Whether a run with that number ends here without reaching its goal. @default none does */
  readonly fails?: (n: number) => boolean;
}

/** How a step's body behaves. */
export interface Body {
  readonly effect: Effect;
  /** Longest it takes, in milliseconds. @default 50 */
  readonly longestMs?: number;
  /** Its first tries fail, in each process anew. @default 0 */
  readonly failures?: number;
  /** Tries. @default 1 */
  readonly attempts?: number;
  readonly onUncertain?: 'wait';
  /** It has a compensation, which is the deed of a step named `<step> undone`. */
  readonly undone?: boolean;
}

/** What a shape is made of. */
export interface Making {
  /** Begins every name in it. */
  readonly name: string;
  /** The state with which the machine goes on. */
  readonly next: string;
  readonly dice: Dice;
  /** Declares a code step under a name. */
  step(name: string, body: Body): void;
  /** A code step that is not declared: for a workflow of its own. */
  body(name: string, body: Body): Step;
  /** Declares a signal that a person will send. */
  hears(signal: string): void;
  /** Declares any other step under a name. */
  declare(name: string, step: Step): void;
  /** What a tool or a step of any kind does to the world. */
  act(args: Acting): Promise<{ readonly key: string }>;
}

/** One deed of a body. */
export interface Acting {
  readonly runId: string;
  readonly step: string;
  readonly effect: Effect;
  readonly key: string;
  readonly longestMs?: number;
}

export type Shape = (making: Making) => Part;

export interface FlowContext {
  readonly runId: string;
  readonly n: number;
  readonly done: Readonly<Record<string, number>>;
}

/** The counter of one name; what a run gives back in the end are all of them. */
export const counting = (name: string) =>
  assign(({ context }: { context: FlowContext }) => ({
    done: { ...context.done, [name]: (context.done[name] ?? 0) + 1 },
  }));

export const timesDone = (context: FlowContext, name: string): number => context.done[name] ?? 0;

const givenRun = ({ context: { runId } }: { context: FlowContext }) => ({ runId });

/** A state's step: counted when it is done; one in doubt or given up ends the run degraded. */
export const invoking = (step: string, onDone: string | object) => ({
  id: step,
  src: step,
  input: givenRun,
  onDone: typeof onDone === 'string' ? { target: onDone, actions: counting(step) } : onDone,
  onError: '#unsure',
});

/** What every step is given. */
export const GIVEN = z.object({ runId: z.string() });

export const prompt = ({ input }: { readonly input: z.output<typeof GIVEN> }): string =>
  `What is to be done about run ${input.runId}?`;

export const EFFECTS: readonly [Effect, ...Effect[]] = ['pure', 'idempotent', 'once'];
