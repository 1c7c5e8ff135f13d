import { routeOf } from '../define/step.ts';
import { finding } from './finding.ts';
import type { Rule } from './subject.ts';

/** Every step's route has a model whose key is there. */
export const checkRoutes: Rule = ({ info: { steps, budget }, gateway }) =>
  Object.entries(steps).flatMap(([step, declared]) => {
    const route = routeOf(declared);
    if (route === null || gateway === undefined) return [];
    const use = gateway.usable(route, { withinMs: budget.totalMs });
    if (use.usable) return [];
    return [
      finding('ROUTE_UNUSABLE', {
        step,
        message: `\`${step}\` asks for \`${route}\`, of which no target can be used: ${use.reason}.`,
        mend: 'Bind a model to it in the config, or set the key in the environment.',
      }),
    ];
  });
