import { defineConfig } from '@paceline/gateway';
import { createSimulator, scenarioFor } from '@paceline/simulator';

const roles = { reason: ['openai/gpt-5-mini', 'anthropic/claude-haiku-4-5'] };

/** Simulated providers, so that it needs no keys: they start with the run and stop with it. */
export default defineConfig(async ({ seed, clock, rows, virtual }) => {
  const simulator = createSimulator({ seed, clock, scenario: scenarioFor('calm', { rows }) });
  if (virtual) return { roles, simulated: true, providers: simulator.providers(), fetch: simulator.fetch };
  const { url, close } = await simulator.listen();
  return { roles, simulated: true, providers: simulator.providers(url), onClose: close };
});
