import { fromPromise, setup } from 'xstate';
import type { AnyStateMachine, UnknownActorLogic } from 'xstate';

/**
 * Builds the machine with one promise actor per step. The engine never runs these actors: it reads which step a state
 * invokes and runs it itself. A live XState actor gets a rejection that says so, unless the step is `provide`d.
 */
export function createStepMachine(config: object, stepNames: readonly string[]): AnyStateMachine {
  const actors: Record<string, UnknownActorLogic> = {};
  for (const name of stepNames) actors[name] = notByItself(name);
  return setup({ actors }).createMachine(config);
}

function notByItself(step: string): UnknownActorLogic {
  return fromPromise(() =>
    Promise.reject(
      new Error(
        `Step \`${step}\` runs in Paceline's engine: use engine.run(workflow, input), or machine.provide({ actors }) to try the machine by itself`,
      ),
    ),
  );
}
