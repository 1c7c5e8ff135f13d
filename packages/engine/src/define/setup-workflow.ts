import type { z } from 'zod';
import type { MachineContext, StateSchema } from '../xstate/types.ts';
import type { RawMachine } from './chart.ts';
import { assertDefinition } from './check-definition.ts';
import { compileWorkflow } from './compile.ts';
import type { Shape, StepMachine, StepMachineConfig } from './machine-types.ts';
import type { Signals } from './signals.ts';
import type { Steps } from './step.ts';
import type { ValidTargets } from './targets.ts';
import type { WorkflowDefinition, WorkflowPart } from './workflow.ts';

/** What `setupWorkflow` returns. */
export interface WorkflowSetup<W extends Shape> {
  /**
   * An ordinary XState machine, bound to the steps. The config is XState's own, with what a run cannot carry out refused:
   * by types where they can tell, otherwise here.
   * @throws EngineError `WORKFLOW_INVALID` that lists every problem with its place and its mend
   */
  createMachine<const Config extends StepMachineConfig<W> & StateSchema>(
    config: Config & ValidTargets<Config, keyof NonNullable<W['signals']> & string>,
  ): StepMachine<W, Config> &
    WorkflowPart<z.input<W['input']>, z.output<W['output']>, NonNullable<W['signals']>>;
}

/**
 * Declares a workflow: its schemas, its budget and its steps. `createMachine` then says in which order they run.
 * @throws EngineError `WORKFLOW_INVALID` when a part of the definition is missing
 */
export function setupWorkflow<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Context extends z.ZodType<MachineContext>,
  S extends Steps,
  G extends Signals = {},
>(
  definition: WorkflowDefinition<Input, Output, Context, S, G>,
): WorkflowSetup<WorkflowDefinition<Input, Output, Context, S, G>> {
  assertDefinition(definition);
  // One cast, from what XState infers for any config to what the types above say about this one.
  return { createMachine: (config) => compileWorkflow(definition, config as RawMachine) as never };
}
