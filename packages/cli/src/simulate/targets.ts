import type { Gateway, GatewayConfig } from '@paceline/gateway';
import { latencyOf } from '@paceline/simulator';
import type { FaultRule, LatencyModel, Scenario } from '@paceline/simulator';

/** One target as the model knows it. */
export interface ModelledTarget {
  /** `provider/model`. */
  readonly name: string;
  readonly latency: LatencyModel;
  /** The model's own name, which rules may name. */
  readonly model: string;
  readonly faults: readonly FaultRule[];
}

/** What a role or a route stands for. */
export interface ModelledRoute {
  readonly targets: readonly ModelledTarget[];
  /** Of one call, the first included. */
  readonly attempts: number;
  readonly hedge: boolean;
}

export interface World {
  readonly config: GatewayConfig;
  readonly gateway: Gateway;
  readonly scenario: Scenario;
}

const DEFAULT_ATTEMPTS = 3;

/** The routes that the config binds, by name. Targets are asked in the order in which they are listed, whatever the strategy. */
export function modelRoutes(world: World): ReadonlyMap<string, ModelledRoute> {
  const { roles, routes = {}, policy = {} } = world.config;
  return new Map(
    Object.entries({ ...routes, ...roles }).map(([name, route]) => {
      const settings = 'targets' in route ? route : { targets: route };
      const targets = settings.targets.map((target) => modelTarget(target, world));
      const failover = policy.failover ?? true;
      return [
        name,
        {
          targets: failover ? targets : targets.slice(0, 1),
          attempts: failover ? (settings.attempts ?? policy.attempts ?? DEFAULT_ATTEMPTS) : 1,
          hedge: settings.hedge ?? false,
        },
      ] as const;
    }),
  );
}

/** Fewer say too little about a p95. */
const ENOUGH_SAMPLES = 50;

/** As fast as it has been learned; else as the scenario has it; else by its name. */
function modelTarget(target: string, { gateway, scenario }: World): ModelledTarget {
  const slash = target.indexOf('/');
  const provider = target.slice(0, slash);
  const [model = ''] = target.slice(slash + 1).split('@');
  const simulated = scenario.providers[provider];
  const supposed = simulated?.models?.[model] ?? simulated?.latency ?? latencyOf(model);
  return {
    name: target,
    model,
    latency: learnedLatency(target, gateway) ?? supposed,
    faults: simulated?.faults ?? [],
  };
}

function learnedLatency(target: string, gateway: Gateway): LatencyModel | null {
  const health = gateway.health().targets.find(({ name }) => name === target);
  const { firstChunk = null, tokensPerSecond = null } = health ?? {};
  if (firstChunk === null || tokensPerSecond === null || firstChunk.samples < ENOUGH_SAMPLES) return null;
  return { firstTokenMs: { p50: firstChunk.p50Ms, p95: firstChunk.p95Ms }, tokensPerSecond };
}
