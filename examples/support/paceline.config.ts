import { defineConfig } from '@paceline/gateway';
import { scenarioFor } from '@paceline/simulator';
import type { GatewayConfig } from '@paceline/gateway';
import { simulated } from './simulated.ts';

/** Each role's models in order of preference. Switching a model is changing one string. */
export const roles: GatewayConfig['roles'] = {
  classify: ['google/gemini-2.5-flash-lite', 'openai/gpt-4.1-mini', 'anthropic/claude-haiku-4-5'],
  reason: ['anthropic/claude-sonnet-5', 'openai/gpt-5.2', 'google/gemini-2.5-pro'],
  execute: ['openai/gpt-5-mini', 'google/gemini-2.5-flash', 'anthropic/claude-haiku-4-5'],
};

/** Simulated providers with everyday faults: no keys, no network. See `live.config.ts` for real ones. */
export default defineConfig(async (context) => ({
  roles,
  ...(await simulated(context, scenarioFor('everyday', { rows: context.rows }))),
}));
