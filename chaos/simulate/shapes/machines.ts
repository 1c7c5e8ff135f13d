import { branch } from './branch.ts';
import { delay } from './delay.ts';
import { failing } from './failing.ts';
import { history } from './history.ts';
import { loop } from './loop.ts';
import { nested } from './nested.ts';
import { parallel } from './parallel.ts';
import { sequence } from './sequence.ts';
import { timeout } from './timeout.ts';

/** What a machine can look like, around plain steps. */
export const MACHINE_SHAPES = {
  sequence,
  branch,
  loop,
  parallel,
  delay,
  nested,
  history,
  failing,
  timeout,
};
