import { missingCredentials } from '@paceline/gateway';
import type { Gateway, GatewayConfig } from '@paceline/gateway';
import { workflowInfo, workflowsWithin } from 'paceline';
import type { Workflow } from 'paceline';

/** The routes that the workflows' steps ask for, each with the first step that does. */
export type NeededRoutes = ReadonlyMap<string, string>;

export function neededRoutes(workflows: readonly Workflow<unknown>[]): NeededRoutes {
  const needed = new Map<string, string>();
  const all = [...workflowsWithin(workflows)];
  for (const [name, declared] of all.flatMap((each) => Object.entries(workflowInfo(each).steps))) {
    const step = declared.kind === 'map' ? declared.step : declared;
    if (step.kind === 'code' || step.kind === 'child') continue;
    const route = step.route ?? step.kind;
    if (!needed.has(route)) needed.set(route, name);
  }
  return needed;
}

/** What no run could get past, said before the first one: a route without a model, or without a key for any of its models. */
export function routeProblems(
  needed: NeededRoutes,
  gateway: Gateway,
  config: GatewayConfig,
): readonly string[] {
  return [...needed].flatMap(([route, step]) => {
    const targets = gateway.targets().filter(({ routes }) => routes.includes(route));
    if (targets.length === 0) {
      return [
        `Step \`${step}\` asks for \`${route}\`, to which no model is bound. Bind one: \`${route}: ['provider/model']\`.`,
      ];
    }
    const missing = targets.map(({ name }) =>
      missingCredentials({ ...config, roles: {}, routes: { [route]: [name] } }),
    );
    if (missing.some((keys) => keys.length === 0)) return [];
    const keys = [...new Set(missing.flat())].join(' or ');
    return [
      `Step \`${step}\` asks for \`${route}\`, and no model of it has its key. Set ${keys} in the environment.`,
    ];
  });
}
