import { defineConfig } from '@paceline/gateway';
import { scenarioFor } from '@paceline/simulator';
import { roles } from './paceline.config.ts';
import { simulated } from './simulated.ts';

/** What `pnpm demo` runs against: everyday faults, and Anthropic, who answers `decide`, in trouble for the middle third. */
export default defineConfig(async (context) => ({
  roles,
  ...(await simulated(context, scenarioFor('brownout', { rows: context.rows, provider: 'anthropic' }))),
}));
