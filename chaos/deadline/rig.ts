import { createGateway } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import { createSimulator } from '@paceline/simulator';
import type { Gateway, GatewayConfig } from '@paceline/gateway';
import type { Clock, Random } from '@paceline/resilience';
import type { SimulatedProvider, Simulator, WireFormat } from '@paceline/simulator';
import { hazards } from './hazards.ts';

/** One provider of each wire format, all of them in the same trouble. */
const WIRES = ['openai', 'anthropic', 'google'] as const satisfies readonly WireFormat[];

/** Sixty tokens: an answer takes about three seconds. */
const LATENCY = { firstTokenMs: { p50: 40, p95: 120 }, tokensPerSecond: 20 };
const ANSWER = 'All is well that ends well. '.repeat(9).trim();

/** More than any world makes requests: every one of them must be found ended. */
const KEEP_CALLS = 1_000_000;

export interface WorldOptions {
  readonly clock: Clock;
  readonly seed: number;
  /** False: breakers, limiters and budgets spare no call its stall. */
  readonly guards: boolean;
}

/** A gateway among providers in trouble, and what its callers are up to. */
export interface World {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly random: Random;
}

export function createUpstream({ clock, seed }: Pick<WorldOptions, 'clock' | 'seed'>): Simulator {
  const providers = WIRES.map((wire): [string, SimulatedProvider] => [
    wire,
    { wire, latency: LATENCY, answer: ANSWER, faults: hazards() },
  ]);
  return createSimulator({
    seed,
    clock,
    keepCalls: KEEP_CALLS,
    scenario: { providers: Object.fromEntries(providers) },
  });
}

/** @param upstream where the providers are to be reached */
export function createWorld(
  { clock, seed, guards }: WorldOptions,
  upstream: Pick<GatewayConfig, 'providers' | 'fetch'>,
): World {
  const gateway = createGateway({
    roles: { reason: { targets: WIRES.map((wire) => `${wire}/small`), hedge: true } },
    policy: { guards },
    simulated: true,
    clock,
    random: seededRandom(`gateway ${seed}`),
    ...upstream,
  });
  return { clock, gateway, random: seededRandom(`callers ${seed}`) };
}
