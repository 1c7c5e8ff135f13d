import { childWorkflow } from '../define/child.ts';
import { routeOf } from '../define/step.ts';
import type { Step } from '../define/step.ts';
import { workflowInfo } from '../define/workflow.ts';
import { finding } from './finding.ts';
import type { Rule } from './subject.ts';

/** Every step's route has a model whose key is there. */
export const checkRoutes: Rule = ({ info: { steps, budget }, gateway }) =>
  Object.entries(steps).flatMap(([step, declared]) =>
    routesWithin(step, declared).flatMap(({ name, route }) => {
      if (gateway === undefined) return [];
      const use = gateway.usable(route, { withinMs: budget.totalMs });
      if (use.usable) return [];
      return [
        finding('ROUTE_UNUSABLE', {
          step,
          message: `\`${name}\` asks for \`${route}\`, of which no target can be used: ${use.reason}.`,
          mend: 'Bind a model to it in the config, or set the key in the environment.',
        }),
      ];
    }),
  );

/** What a step asks for, or the steps that it stands for. */
function routesWithin(
  name: string,
  step: Step,
): readonly { readonly name: string; readonly route: string }[] {
  if (step.kind === 'map') return routesWithin(name, step.step);
  if (step.kind === 'child') {
    const { steps } = workflowInfo(childWorkflow(step));
    return Object.entries(steps).flatMap(([inner, each]) => routesWithin(`${name}/${inner}`, each));
  }
  const route = routeOf(step);
  return route === null ? [] : [{ name, route }];
}
