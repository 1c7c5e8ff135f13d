import type { Gateway } from '@paceline/gateway';
import { memoryLedger } from '@paceline/gateway';
import { buildGraph } from '../define/graph.ts';
import { routeOf } from '../define/step.ts';
import { workflowChart } from '../define/workflow-chart.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import { FLOOR_SHARE, NOTHING_KNOWN, usualTime } from '../run/floor.ts';
import type { UsualTime } from '../run/floor.ts';
import type { Finding } from './finding.ts';
import { findPaths } from './paths.ts';
import type { Path } from './paths.ts';
import { RULES } from './rules.ts';
import type { Subject } from './subject.ts';

export interface CheckOptions {
  /** Who would be asked: its routes are looked at and what it has learned counts. @default routes are not looked at, nothing is learned */
  readonly gateway?: Pick<Gateway, 'usable' | 'ledger'>;
}

/** What a check of a workflow says. Plain data. */
export interface WorkflowCheck {
  readonly workflowId: string;
  /** The budget of time, in milliseconds. */
  readonly budgetMs: number;
  /** By the usual times of the steps. `null` if success is out of reach. */
  readonly cheapest: Path | null;
  /** Each cycle gone round once at most. */
  readonly longest: Path | null;
  readonly steps: readonly StepCheck[];
  /** Errors first. */
  readonly findings: readonly Finding[];
}

export interface StepCheck {
  readonly step: string;
  readonly kind: string;
  /** The route it asks for; `null` for a step that asks no model. */
  readonly route: string | null;
  /** What it usually takes, in milliseconds; 0 if nobody knows. */
  readonly usualMs: number;
  readonly source: UsualTime['source'];
  /** Held back for the steps that follow it on the cheapest successful path, in milliseconds. */
  readonly floorMs: number;
  /** The most it may take in any run: its own limit, or what the budget leaves when nothing came before. */
  readonly limitMs: number;
}

/**
 * Looks for what a definition allows and runs would suffer from. Nothing is run and nobody is asked. What no run could survive is refused
 * by `createMachine` already.
 */
export function checkWorkflow(workflow: Workflow, { gateway }: CheckOptions = {}): WorkflowCheck {
  const info = workflowInfo(workflow);
  const chart = workflowChart(workflow);
  const graph = buildGraph(chart);
  const ledger = gateway?.ledger ?? memoryLedger();
  const times = new Map(Object.keys(info.steps).map((step) => [step, usualTime(info, step, ledger)]));
  const usualMs = (step: string): number => times.get(step)?.ms ?? 0;
  const paths = findPaths(graph, usualMs);
  const subject: Subject = { info, chart, graph, paths, times, gateway };
  const findings = RULES.flatMap((rule) => rule(subject));
  return {
    workflowId: info.id,
    budgetMs: info.budget.totalMs,
    ...paths,
    steps: Object.keys(info.steps).map((step) => stepCheck(step, subject)),
    findings: [
      ...findings.filter(({ severity }) => severity === 'error'),
      ...findings.filter(({ severity }) => severity === 'warning'),
    ],
  };
}

function stepCheck(step: string, { info, chart, times }: Subject): StepCheck {
  const declared = info.steps[step];
  const { ms, source } = times.get(step) ?? NOTHING_KNOWN;
  const usualMs = (name: string): number => times.get(name)?.ms ?? 0;
  const laterMs = chart.states
    .flatMap(({ invokes }) => invokes)
    .filter(({ src }) => src === step)
    .map(({ id }) => info.timePlan.laterMs(id, usualMs));
  const floorMs = Math.round(FLOOR_SHARE * Math.max(0, ...laterMs));
  return {
    step,
    kind: declared?.kind ?? '',
    route: routeOf(declared),
    usualMs: ms,
    source,
    floorMs,
    limitMs: Math.max(
      0,
      Math.min(declared?.totalMs ?? Number.POSITIVE_INFINITY, info.budget.totalMs - floorMs),
    ),
  };
}
