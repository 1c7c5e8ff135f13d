import { missingCredentials, missingPackages } from '@paceline/gateway';
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

/** What no run could get past, said before the first one: a route without a model, or of whose models each lacks its key or its package. */
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
    const lacking = targets.map(({ name }) => lackOf({ ...config, roles: {}, routes: { [route]: [name] } }));
    if (lacking.includes(null)) return [];
    const mends = [...new Set(lacking)].join(' or ');
    return [`Step \`${step}\` asks for \`${route}\`, and no model of it can be used: ${mends}.`];
  });
}

/** What the one target of a config lacks, as the command that mends it; `null` if nothing. */
function lackOf(config: GatewayConfig): string | null {
  const commands = [
    ...missingCredentials(config).map((variable) => `export ${variable}=...`),
    ...missingPackages(config).map((name) => `pnpm add ${name}`),
  ];
  return commands.length === 0 ? null : commands.join(' && ');
}
