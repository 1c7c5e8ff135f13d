import type { z } from 'zod';
import type { AnyStateMachine, MachineContext, StateValue } from '../xstate/types.ts';
import type { Signals } from './signals.ts';
import type { Budget, Step, Steps } from './step.ts';

/** What `setupWorkflow` takes. */
export interface WorkflowDefinition<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Context extends z.ZodType<MachineContext> = z.ZodType<MachineContext>,
  S extends Steps = Steps,
  G extends Signals = Signals,
> {
  /** Names the workflow in records, events and learned times. A letter, then letters, digits, `_` or `-`. */
  readonly id: string;
  /** Yours to count: raise it when you change the machine or its steps under running runs. @default '1' */
  readonly version?: string;
  /**
   * By version: how unfinished runs of an older definition go on under this one. `'compatible'`: as they are. A hash of
   * `WorkflowInfo` in place of a version names one definition among several that called themselves the same. @default none
   */
  readonly migrate?: Readonly<Record<string, Migration<z.output<Context>>>>;
  /** A run's input. The machine's `context` is given the parsed value. */
  readonly input: Input;
  /** The machine's output; the run ends with the parsed value. */
  readonly output: Output;
  /** Gives the context its type. What stands in it is recorded, so it has to be JSON. */
  readonly context: Context;
  readonly budget: Budget;
  /** By name. States invoke them as `src`. */
  readonly steps: S;
  /**
   * What people and other programs may tell a run, by name, with the schema of what comes along. A state takes one as the event
   * `{ type: name, payload }`; until a state does, it waits. @default none
   */
  readonly signals?: G;
}

/** The version of a workflow that names none. */
export const FIRST_VERSION = '1';

/** Where a run stands, as its machine sees it. */
export interface MachinePlace<Context = unknown> {
  /** XState's state value: `'planning'`, or `{ working: 'planning' }` within another state. */
  readonly state: StateValue;
  readonly context: Context;
}

/** How a run goes over from an older definition: as it is, or from the place it was at to a place in this machine. Has to be pure. */
export type Migration<Context = unknown> =
  | 'compatible'
  // A method, so that a function that knows its context better is one too.
  | { bivariant(from: MachinePlace): MachinePlace<Context> }['bivariant'];

/** Where `createMachine` leaves the workflow's own part. A registered symbol, so that duplicate installs find it. */
export const workflowKey: unique symbol = Symbol.for('paceline.workflow');

/** What `createMachine` leaves on the machine for the engine. The machine stays an ordinary XState v5 machine. */
export interface WorkflowInfo<In = unknown, Out = unknown, G extends Signals = Signals> {
  readonly id: string;
  readonly version: string;
  /** What decides how a recorded run goes on, as JSON; see `define/hash.ts` for what it covers. */
  readonly shape: string;
  /** SHA-256 of the shape, in hex. */
  readonly hash: string;
  readonly migrate?: Readonly<Record<string, Migration>>;
  /** Schema of a run's input. The machine is given the parsed value. */
  readonly input: z.ZodType<unknown, In>;
  /** Schema of the machine's output. */
  readonly output: z.ZodType<Out>;
  readonly context: z.ZodType;
  readonly budget: Budget;
  readonly steps: Readonly<Record<string, Step>>;
  /** Empty if the workflow takes none. */
  readonly signals: G;
  readonly timePlan: TimePlan;
}

/**
 * The machine as a graph of time: for every invoke, where a success leads. The engine weighs it with learned durations
 * to find what must be left over for later steps.
 */
export interface TimePlan {
  /**
   * Expected time in milliseconds of the steps that follow `invokeId`, on the cheapest path over success edges to a final
   * state tagged neither `degraded` nor `failed`; if no path leads to one, to any final state. 0 for an unknown id.
   */
  laterMs(invokeId: string, expectedMs: (step: string) => number): number;
  /** The same from the start of the machine: the whole cheapest successful path. */
  totalMs(expectedMs: (step: string) => number): number;
  /**
   * The steps without which no success of `invokeId` leads on to a final state tagged neither `degraded` nor `failed`. Those that only
   * some branch needs are not among them. Empty where no such state can be reached, and for an unknown id.
   */
  neededAfter(invokeId: string): readonly string[];
  /** The same from the start of the machine. */
  neededFromStart(): readonly string[];
}

/** The workflow's own part on its machine. */
export interface WorkflowPart<In = unknown, Out = unknown, G extends Signals = Signals> {
  readonly [workflowKey]: WorkflowInfo<In, Out, G>;
}

/** A machine made by `setupWorkflow(...).createMachine(...)`: takes `In`, ends with `Out`, hears `G` on its way. */
export type Workflow<In = unknown, Out = unknown, G extends Signals = Signals> = AnyStateMachine &
  WorkflowPart<In, Out, G>;

/** True for a machine made by `setupWorkflow(...).createMachine(...)`, also by another install of this package. */
export function isWorkflow(value: unknown): value is Workflow {
  return typeof value === 'object' && value !== null && workflowKey in value;
}

export function workflowInfo<In, Out>(workflow: Workflow<In, Out>): WorkflowInfo<In, Out> {
  return workflow[workflowKey];
}
