import type { Mutant } from '../lib/mutant.ts';
import { CAPS_MUTANTS } from './caps.ts';
import { CATALOG_MUTANTS } from './catalog.ts';
import { GATEWAY_ADMISSION_MUTANTS } from './gateway-admission.ts';
import { GATEWAY_ERROR_MUTANTS } from './gateway-errors.ts';
import { GATEWAY_MONEY_MUTANTS } from './gateway-money.ts';
import { GATEWAY_ROUTING_MUTANTS } from './gateway-routing.ts';
import { GATEWAY_STREAM_MUTANTS } from './gateway-streams.ts';
import { GATEWAY_MUTANTS } from './gateway.ts';
import { LOG_MUTANTS } from './logs.ts';
import { POOL_MUTANTS } from './pools.ts';
import { PROVIDER_MUTANTS } from './providers.ts';
import { REPORTS_MUTANTS } from './reports.ts';

/** All of the gateway's, and of what it spends. */
export const ALL_GATEWAY_MUTANTS: readonly Mutant[] = [
  ...CAPS_MUTANTS,
  ...CATALOG_MUTANTS,
  ...GATEWAY_ADMISSION_MUTANTS,
  ...GATEWAY_ERROR_MUTANTS,
  ...GATEWAY_MONEY_MUTANTS,
  ...GATEWAY_ROUTING_MUTANTS,
  ...GATEWAY_STREAM_MUTANTS,
  ...GATEWAY_MUTANTS,
  ...LOG_MUTANTS,
  ...POOL_MUTANTS,
  ...PROVIDER_MUTANTS,
  ...REPORTS_MUTANTS,
];
