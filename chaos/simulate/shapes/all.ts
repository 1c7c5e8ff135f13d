import { approval } from './approval.ts';
import { childRun } from './child.ts';
import { MACHINE_SHAPES } from './machines.ts';
import { mapped } from './map.ts';
import { acting, asking } from './models.ts';
import { signal } from './signal.ts';
import { uncertain } from './uncertain.ts';
import { undo } from './undo.ts';
import type { Shape } from './shape.ts';

/** What random machines are put together from. A new shape is a file and a line here. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  ...MACHINE_SHAPES,
  asking: asking('troubled'),
  acting,
  signal,
  approval,
  uncertain,
  childRun,
  mapped,
  undo,
};
