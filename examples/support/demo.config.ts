import { defineConfig } from '@paceline/gateway';
import { roles } from './paceline.config.ts';
import { brownOut } from './scenario.ts';
import { simulated } from './simulated.ts';

/** What `pnpm demo` runs against: everyday faults, and one provider in trouble for the middle third of the rows. */
export default defineConfig(async (context) => ({
  roles,
  ...(await simulated(context, brownOut(context.rows))),
}));
