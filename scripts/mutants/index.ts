import type { Mutant } from '../lib/mutant.ts';
import { CHECKING_MUTANTS } from './checking.ts';
import { COMPENSATION_MUTANTS } from './compensation.ts';
import { DURABLE_MUTANTS } from './durable.ts';
import { ENGINE_MUTANTS } from './engine.ts';
import { ALL_GATEWAY_MUTANTS } from './gateway-all.ts';
import { OUTER_MUTANTS } from './outer.ts';
import { PEOPLE_MUTANTS } from './people.ts';
import { RESILIENCE_MUTANTS } from './resilience.ts';
import { SHAPES_MUTANTS } from './shapes.ts';
import { SIGNAL_MUTANTS } from './signals.ts';
import { STEERING_MUTANTS } from './steering.ts';
import { VERSION_MUTANTS } from './versions.ts';

/** Every named fault. Add one when a rule is added: a rule that no test defends is a wish. */
export const MUTANTS: readonly Mutant[] = [
  ...RESILIENCE_MUTANTS,
  ...ALL_GATEWAY_MUTANTS,
  ...ENGINE_MUTANTS,
  ...DURABLE_MUTANTS,
  ...COMPENSATION_MUTANTS,
  ...CHECKING_MUTANTS,
  ...PEOPLE_MUTANTS,
  ...SIGNAL_MUTANTS,
  ...STEERING_MUTANTS,
  ...VERSION_MUTANTS,
  ...OUTER_MUTANTS,
  ...SHAPES_MUTANTS,
];
