import { fromPromise, setup } from 'xstate';
import type { AnyStateMachine, MachineOptions, UnknownActorLogic } from 'xstate';

/** Eventless transitions and raised events in a row. XState's own default, no limit, would hang the process. */
const MAX_MICROSTEPS = 1_000;

/**
 * Builds the machine with one promise actor per step. The engine never runs these actors: it reads which step a state
 * invokes and runs it itself. A live XState actor gets a rejection that says so, unless the step is `provide`d.
 */
export function createStepMachine(
  config: { readonly options?: MachineOptions },
  stepNames: readonly string[],
): AnyStateMachine {
  const actors = Object.fromEntries(stepNames.map((name) => [name, stepActor(name)]));
  const options = { maxIterations: MAX_MICROSTEPS, ...config.options };
  return setup({ actors }).createMachine({ ...config, options });
}

const stepActors = new WeakSet<object>();

/** Stands for a step in a machine: whoever starts it is told to run the workflow. */
export function stepActor(step: string): UnknownActorLogic {
  const logic = fromPromise(() =>
    Promise.reject(
      new Error(
        `Step \`${step}\` runs in Paceline's engine. Use engine.run(workflow, input), or machine.provide({ actors }) to try the machine by itself.`,
      ),
    ),
  );
  stepActors.add(logic);
  return logic;
}

/** Whether the logic was made by `stepActor`, so that its first snapshot is known: a promise that has not settled. */
export function isStepActor(logic: object | undefined): boolean {
  return logic !== undefined && stepActors.has(logic);
}
