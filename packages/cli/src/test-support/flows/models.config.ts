import { defineConfig } from '@paceline/gateway';
import { createSimulator } from '@paceline/simulator';

const latency = { firstTokenMs: { p50: 1, p95: 2 }, tokensPerSecond: 10_000 };

/** OpenAI answers at once, Anthropic refuses every key; both in process. */
export default defineConfig(({ seed, clock }) => {
  const simulator = createSimulator({
    seed,
    clock,
    scenario: {
      providers: {
        openai: { wire: 'openai', latency },
        anthropic: { wire: 'anthropic', latency, faults: [{ fault: 'auth' }] },
      },
    },
  });
  return {
    roles: {
      classify: ['openai/gpt-5-mini', 'anthropic/claude-haiku-4-5'],
      reason: ['anthropic/claude-haiku-4-5'],
    },
    simulated: true,
    providers: simulator.providers(),
    fetch: simulator.fetch,
  };
});
