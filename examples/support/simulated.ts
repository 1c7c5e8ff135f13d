import { createSimulator } from '@paceline/simulator';
import type { ConfigContext, GatewayConfig } from '@paceline/gateway';
import type { Scenario } from '@paceline/simulator';

/** The part of a config that makes its providers simulated ones: they start with the run and stop with it. */
export async function simulated(context: ConfigContext, scenario: Scenario): Promise<Partial<GatewayConfig>> {
  const { seed, clock, virtual } = context;
  const simulator = createSimulator({ seed, clock, scenario });
  // Virtual time does not move sockets, so there the simulator answers in process.
  if (virtual) return { simulated: true, providers: simulator.providers(), fetch: simulator.fetch };
  const listening = await simulator.listen();
  return {
    simulated: true,
    providers: simulator.providers(listening.url),
    onClose: () => listening.close(),
  };
}
