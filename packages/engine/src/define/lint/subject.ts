import type { Chart, RawMachine, State } from '../chart.ts';
import type { WorkflowDefinition } from '../workflow.ts';

/** What the rules look at. A rule returns its problems, each a sentence with the place, the reason and the mend. */
export interface Subject {
  readonly definition: WorkflowDefinition;
  readonly config: RawMachine;
  readonly chart: Chart;
}

export type Rule = (subject: Subject) => readonly string[];

/** How a message names a state. */
export function named(state: State): string {
  return state.parent === null ? 'the root of the machine' : `state \`${state.path}\``;
}

/** What step, tool and state names are made of: they stand in headers, event types and targets. */
export const NAME = /^[a-z][\w-]{0,63}$/i;
export const NAME_RULE = 'Use a letter, then letters, digits, `_` or `-`, 64 at most.';

/** Whether every object has it: what is kept by such a name would be found before it is put there. */
export function isEveryObjects(name: string): boolean {
  return name in Object.prototype;
}
