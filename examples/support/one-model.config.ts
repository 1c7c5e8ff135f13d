import { defineConfig } from '@paceline/gateway';
import { scenarioFor } from '@paceline/simulator';
import { simulated } from './simulated.ts';

/** Every role's model. Changing this one string moves the whole chain to another provider. */
export const model = 'openai/gpt-5-mini';

/** The chain on a single model; the provider is simulated, on a calm day. */
export default defineConfig(async (context) => ({
  roles: { classify: [model], reason: [model], execute: [model] },
  ...(await simulated(context, scenarioFor('calm', { rows: context.rows }))),
}));
