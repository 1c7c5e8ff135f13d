import { defineConfig } from '@paceline/gateway';
import { createSimulator } from '@paceline/simulator';

/** OpenAI always fails, Anthropic never does; both in process. */
export default defineConfig(({ seed, clock }) => {
  const simulator = createSimulator({
    seed,
    clock,
    scenario: {
      providers: {
        openai: { wire: 'openai', faults: [{ fault: 'error-500' }] },
        anthropic: { wire: 'anthropic' },
      },
    },
  });
  return {
    roles: { classify: ['openai/gpt-4.1-mini', 'anthropic/claude-haiku-4-5'] },
    simulated: true,
    providers: simulator.providers(),
    fetch: simulator.fetch,
  };
});
