import type { Mutant } from '../lib/mutant.ts';

/** Every named fault. Add one when a rule is added: a rule that no test defends is a wish. */
export const MUTANTS: readonly Mutant[] = [];
