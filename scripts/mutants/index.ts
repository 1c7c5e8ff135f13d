import type { Mutant } from '../lib/mutant.ts';
import { COMPENSATION_MUTANTS } from './compensation.ts';
import { DURABLE_MUTANTS } from './durable.ts';
import { ENGINE_MUTANTS } from './engine.ts';
import { GATEWAY_ADMISSION_MUTANTS } from './gateway-admission.ts';
import { GATEWAY_ERROR_MUTANTS } from './gateway-errors.ts';
import { GATEWAY_MONEY_MUTANTS } from './gateway-money.ts';
import { GATEWAY_ROUTING_MUTANTS } from './gateway-routing.ts';
import { GATEWAY_STREAM_MUTANTS } from './gateway-streams.ts';
import { GATEWAY_MUTANTS } from './gateway.ts';
import { OUTER_MUTANTS } from './outer.ts';
import { PEOPLE_MUTANTS } from './people.ts';
import { RESILIENCE_MUTANTS } from './resilience.ts';
import { SIGNAL_MUTANTS } from './signals.ts';
import { STEERING_MUTANTS } from './steering.ts';
import { VERSION_MUTANTS } from './versions.ts';

/** Every named fault. Add one when a rule is added: a rule that no test defends is a wish. */
export const MUTANTS: readonly Mutant[] = [
  ...RESILIENCE_MUTANTS,
  ...GATEWAY_MUTANTS,
  ...GATEWAY_ADMISSION_MUTANTS,
  ...GATEWAY_ERROR_MUTANTS,
  ...GATEWAY_MONEY_MUTANTS,
  ...GATEWAY_ROUTING_MUTANTS,
  ...GATEWAY_STREAM_MUTANTS,
  ...ENGINE_MUTANTS,
  ...DURABLE_MUTANTS,
  ...COMPENSATION_MUTANTS,
  ...PEOPLE_MUTANTS,
  ...SIGNAL_MUTANTS,
  ...STEERING_MUTANTS,
  ...VERSION_MUTANTS,
  ...OUTER_MUTANTS,
];
