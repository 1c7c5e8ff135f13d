import { EngineError } from '../errors.ts';
import { createStepMachine } from '../xstate/create.ts';
import type { AnyStateMachine } from '../xstate/types.ts';
import type { RawMachine } from './chart.ts';
import { buildGraph } from './graph.ts';
import { shapeHash, workflowShape } from './hash.ts';
import { assertRunnable } from './lint/lint.ts';
import { readChart } from './read-chart.ts';
import { createTimePlan } from './time-plan.ts';
import { FIRST_VERSION, workflowKey } from './workflow.ts';
import type { Workflow, WorkflowDefinition, WorkflowInfo } from './workflow.ts';

/**
 * Checks the definition and makes the machine, with the workflow's own part on it.
 * @throws EngineError `WORKFLOW_INVALID`
 */
export function compileWorkflow(definition: WorkflowDefinition, config: RawMachine): Workflow {
  const { id, version = FIRST_VERSION, steps, signals = {} } = definition;
  const machineConfig = { id, ...config };
  const chart = readChart(machineConfig);
  assertRunnable({ definition, config: machineConfig, chart });

  const stepNames = Object.keys(steps);
  const shape = workflowShape({ id, config, steps, signals });
  const info: WorkflowInfo = {
    ...definition,
    version,
    signals,
    shape,
    hash: shapeHash(shape),
    timePlan: createTimePlan(buildGraph(chart), stepNames),
  };
  const machine = makeMachine(id, () => createStepMachine(machineConfig, stepNames));
  return Object.assign(machine, { [workflowKey]: info });
}

/** What the lint lets pass and XState still refuses, such as a config that is no statechart at all. */
function makeMachine(id: string, make: () => AnyStateMachine): AnyStateMachine {
  try {
    return make();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError('WORKFLOW_INVALID', `Workflow \`${id}\` is refused by XState: ${reason}`, error);
  }
}
