import type { Gateway } from '@paceline/gateway';
import type { Chart } from '../define/chart.ts';
import type { Graph } from '../define/graph.ts';
import type { Effect, Step } from '../define/step.ts';
import type { WorkflowInfo } from '../define/workflow.ts';
import type { UsualTime } from '../run/floor.ts';
import type { Finding } from './finding.ts';
import type { Paths } from './paths.ts';

/** What the rules of a check look at. */
export interface Subject {
  readonly info: WorkflowInfo;
  readonly chart: Chart;
  readonly graph: Graph;
  readonly paths: Paths;
  /** By step. */
  readonly times: ReadonlyMap<string, UsualTime>;
  /** Who would be asked; without it routes are not looked at. */
  readonly gateway: Pick<Gateway, 'usable'> | undefined;
}

export type Rule = (subject: Subject) => readonly Finding[];

/** What a step may do to the world outside: the strongest effect of its body or of its tools. A child undoes its own. */
export function effectOf(step: Step): Effect {
  switch (step.kind) {
    case 'code':
      return step.effect;
    case 'execute': {
      const effects = Object.values(step.tools).map(({ effect }) => effect);
      return effects.includes('once') ? 'once' : effects.includes('idempotent') ? 'idempotent' : 'pure';
    }
    case 'map':
      return effectOf(step.step);
    default:
      return 'pure';
  }
}
