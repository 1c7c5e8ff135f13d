import { startedBy, workflowsWithin } from '../child.ts';
import { workflowInfo } from '../workflow.ts';
import type { Rule } from './subject.ts';

/** A workflow that started itself would do so until it is too deep. It is known by its id, as it does not exist yet. */
export const lintChildren: Rule = ({ definition: { id, steps } }) =>
  Object.entries(steps).flatMap(([name, step]) => {
    const within = [...workflowsWithin(startedBy(step))].map((workflow) => workflowInfo(workflow).id);
    if (!within.includes(id)) return [];
    return [
      `In step \`${name}\`: the workflow \`${id}\` is within itself. Loop in the machine instead, or name one of the two otherwise.`,
    ];
  });
