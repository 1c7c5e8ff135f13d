import { checkBranches } from './branches.ts';
import { checkCompensation, checkOnce } from './effects.ts';
import { checkLoops } from './loops.ts';
import { checkRoutes } from './routes.ts';
import type { Rule } from './subject.ts';
import { checkPaths, checkStepTimes } from './times.ts';
import { checkWaits } from './waits.ts';

export const RULES: readonly Rule[] = [
  checkPaths,
  checkStepTimes,
  checkRoutes,
  checkWaits,
  checkLoops,
  checkOnce,
  checkCompensation,
  checkBranches,
];
