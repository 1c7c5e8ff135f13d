import { branch } from './branch.ts';
import { delay } from './delay.ts';
import { failing } from './failing.ts';
import { history } from './history.ts';
import { loop } from './loop.ts';
import { acting, asking } from './models.ts';
import { nested } from './nested.ts';
import { parallel } from './parallel.ts';
import { sequence } from './sequence.ts';
import { timeout } from './timeout.ts';
import type { Shape } from './shape.ts';

/** What random machines are put together from. A new shape is a file and a line here. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  sequence,
  branch,
  loop,
  parallel,
  delay,
  nested,
  history,
  failing,
  timeout,
  asking: asking('troubled'),
  acting,
};
