import { defineConfig } from '@paceline/gateway';
import { createSimulator, scenarioFor } from '@paceline/simulator';
import type { GatewayConfig } from '@paceline/gateway';

/** Each role's models in order of preference. Alone, `export default defineConfig({ roles })`, this runs on the real ones. */
const roles: GatewayConfig['roles'] = {
  classify: ['openai/gpt-4.1-mini', 'anthropic/claude-haiku-4-5'],
  reason: ['anthropic/claude-sonnet-5', 'openai/gpt-5.2'],
};

/** Simulated providers, so that it needs no keys: they start with the run and stop with it. */
export default defineConfig(async ({ seed, clock, rows, virtual }) => {
  const simulator = createSimulator({ seed, clock, scenario: scenarioFor('everyday', { rows }) });
  if (virtual) return { roles, simulated: true, providers: simulator.providers(), fetch: simulator.fetch };
  const { url, close } = await simulator.listen();
  return { roles, simulated: true, providers: simulator.providers(url), onClose: close };
});
