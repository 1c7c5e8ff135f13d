import type { z } from 'zod';
import type {
  AnyActorRef,
  EventObject,
  MachineConfig,
  MachineContext,
  MetaObject,
  PromiseActorLogic,
  StateMachine,
  StateSchema,
  ToChildren,
  ToStateValue,
} from '../xstate/types.ts';
import type { Signals } from './signals.ts';
import type { Steps } from './step.ts';

/** The zod schemas, steps and signals of one workflow, as inferred from `setupWorkflow`'s argument. */
export interface Shape {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly context: z.ZodType<MachineContext>;
  readonly steps: Steps;
  readonly signals?: Signals;
}

/** One event per signal: what a run is sent, with the payload as its schema gives it back. */
type SignalEvent<G extends Signals> = {
  [Name in keyof G & string]: { type: Name; payload: z.output<G[Name]> };
}[keyof G & string];

/** What a machine raises to itself is written in capitals: nobody outside can send it, and no signal can be taken for it. */
interface RaisedEvent {
  type: Uppercase<string>;
}

type MachineEvents<W extends Shape> = SignalEvent<NonNullable<W['signals']>> | RaisedEvent;

/**
 * One promise actor per step. `id` is `string` and not `string | undefined`: that is what makes an explicit invoke id
 * compulsory.
 */
type StepActor<S extends Steps> = {
  [Name in keyof S & string]: {
    src: Name;
    logic: PromiseActorLogic<z.output<S[Name]['output']>, z.input<S[Name]['input']>>;
    id: string;
  };
}[keyof S & string];

/** XState's own config type, with the workflow's types in it. Named actions, guards and delays are not offered. */
export type StepMachineConfig<W extends Shape> = MachineConfig<
  z.output<W['context']>,
  MachineEvents<W>,
  StepActor<W['steps']>,
  never,
  never,
  never,
  string,
  z.output<W['input']>,
  z.input<W['output']>,
  EventObject,
  MetaObject
>;

/** XState's own machine type, as `setup().createMachine()` would give it. */
export type StepMachine<W extends Shape, Config extends StateSchema> = StateMachine<
  z.output<W['context']>,
  MachineEvents<W>,
  ToChildren<StepActor<W['steps']>> & Record<string, AnyActorRef | undefined>,
  StepActor<W['steps']>,
  never,
  never,
  never,
  ToStateValue<Config>,
  string,
  z.output<W['input']>,
  z.input<W['output']>,
  EventObject,
  MetaObject,
  StateSchema
>;
