import { createStepMachine } from '../xstate/create.ts';
import type { z } from 'zod';
import type { MachineContext, StateSchema } from '../xstate/types.ts';
import type { Shape, StepMachine, StepMachineConfig, Steps } from './machine-types.ts';
import type { Budget } from './step.ts';
import type { ValidTargets } from './targets.ts';
import { workflowKey } from './workflow.ts';
import type { Workflow } from './workflow.ts';

export interface WorkflowDefinition<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Context extends z.ZodType<MachineContext>,
  S extends Steps,
> {
  readonly id: string;
  readonly input: Input;
  readonly output: Output;
  readonly context: Context;
  readonly budget: Budget;
  readonly steps: S;
}

export interface WorkflowSetup<W extends Shape> {
  createMachine<const Config extends StepMachineConfig<W> & StateSchema>(
    config: Config & ValidTargets<Config>,
  ): StepMachine<W, Config> & Workflow<z.input<W['input']>, z.output<W['output']>>;
}

export function setupWorkflow<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Context extends z.ZodType<MachineContext>,
  S extends Steps,
>(
  definition: WorkflowDefinition<Input, Output, Context, S>,
): WorkflowSetup<WorkflowDefinition<Input, Output, Context, S>> {
  return {
    createMachine: (config) => {
      const machine = createStepMachine({ id: definition.id, ...config }, Object.keys(definition.steps));
      const info = { ...definition, hash: '0', timePlan: { laterMs: () => 0, totalMs: () => 0 } };
      return Object.defineProperty(machine, workflowKey, { value: info }) as never;
    },
  };
}
