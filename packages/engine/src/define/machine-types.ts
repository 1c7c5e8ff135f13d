import type { z } from 'zod';
import type {
  AnyActorRef,
  AnyEventObject,
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
import type { Steps } from './step.ts';

/** The zod schemas and steps of one workflow, as inferred from `setupWorkflow`'s argument. */
export interface Shape {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly context: z.ZodType<MachineContext>;
  readonly steps: Steps;
}

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
  AnyEventObject,
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
  AnyEventObject,
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
