import { seededRandom } from '@paceline/resilience';
import { createGateway } from 'paceline';
import type { Gateway } from '@paceline/gateway';
import { CANARY } from './ledger.ts';
import { NEVER } from './mortal-clock.ts';
import type { MortalClock } from './mortal-clock.ts';
import type { World } from './world.ts';

export interface GatewayParts {
  readonly number: number;
  readonly clock: MortalClock;
  readonly fetch: typeof globalThis.fetch;
}

/** The real gateway of one process; the ledger is told what it is asked. */
export function openGateway(
  { plan, simulator, ledger }: World,
  { number, clock, fetch }: GatewayParts,
): Gateway {
  const endpoints = Object.entries(simulator.providers());
  const gateway = createGateway({
    roles: {},
    routes: { troubled: ['first/gpt-5-mini', 'second/claude-haiku-4-5'], calm: ['calm/gpt-5-mini'] },
    providers: Object.fromEntries(
      endpoints.map(([name, endpoint]) => [name, { ...endpoint, apiKey: 'env:SIMULATED_KEY' }]),
    ),
    env: { SIMULATED_KEY: CANARY },
    simulated: true,
    clock,
    random: seededRandom(`gateway ${plan.seed}/${number}`),
    fetch,
  });
  return {
    ...gateway,
    generate(request) {
      if (!clock.alive) return NEVER;
      ledger.ask(number, clock.nowMs(), request.call);
      return gateway.generate(request);
    },
  };
}
