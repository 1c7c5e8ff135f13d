import { mapFunctions } from '../define/map-functions.ts';
import type { AuthorFunction } from '../define/map-functions.ts';
import type { RawMachine } from '../define/chart.ts';
import { workflowInfo, workflowKey } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { createStepMachine } from '../xstate/create.ts';

/** Told the place of a function that is not pure, and what it did. */
export type OnImpure = (place: string, what: string) => void;

/** The same workflow, but each guard, assign and mapper is called twice wherever it is called, and what it does is compared. */
export function probed(workflow: Workflow, onImpure: OnImpure): Workflow {
  const info = workflowInfo(workflow);
  const config = mapFunctions(workflow.config as unknown as RawMachine, (own, place) =>
    calledTwice(own, (what) => onImpure(place, what)),
  );
  const machine = createStepMachine(config, Object.keys(info.steps));
  return Object.assign(machine, { [workflowKey]: info });
}

function calledTwice(own: AuthorFunction, report: (what: string) => void): AuthorFunction {
  return (...args) => {
    const given = seen(args);
    const first = own(...args);
    const result = JSON.stringify(first);
    if (seen(args) !== given) report('changes what it is given');
    else if (JSON.stringify(own(...args)) !== result) report('gives something else when it is called again');
    return first;
  };
}

/** What a function may look at, as text. */
function seen([args]: readonly unknown[]): string {
  const { context, event, input } = args as Readonly<Record<string, unknown>>;
  return JSON.stringify([context, event, input]);
}
