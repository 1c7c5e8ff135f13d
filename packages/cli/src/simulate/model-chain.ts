import { seededRandom } from '@paceline/resilience';
import { checkWorkflow, workflowChart, workflowInfo } from 'paceline';
import type { Workflow } from 'paceline';
import type { BranchWeights } from './branches.ts';
import { drawStep } from './draw-step.ts';
import type { ModelledStep, Tokens } from './draw-step.ts';
import { modelRoutes } from './targets.ts';
import type { ModelledRoute, World } from './targets.ts';
import type { ModelledChain } from './walk.ts';

export interface ModelOptions {
  readonly world: World;
  readonly weights: BranchWeights;
  /** By step, where they are known better than by its kind. */
  readonly tokens: Readonly<Record<string, Tokens>>;
}

/** What a model call of each kind is taken for. An `execute` step calls its model twice: for a tool, and for the answer. */
const USUAL: Readonly<Record<string, { readonly turns: number; readonly tokens: Tokens }>> = {
  classify: { turns: 1, tokens: { inputTokens: 200, outputTokens: 20 } },
  reason: { turns: 1, tokens: { inputTokens: 500, outputTokens: 100 } },
  execute: { turns: 2, tokens: { inputTokens: 500, outputTokens: 50 } },
};

const OTHER = { turns: 0, tokens: { inputTokens: 0, outputTokens: 0 } };

const DEFAULT_MAX_VISITS = 1_000;

/** Visits from which a model step's usual time is drawn. */
const REHEARSALS = 201;

/** Makes a model of a workflow and what it would run on. Steps that ask a model are as fast as their targets; the others take their usual time. */
export function modelChain(workflow: Workflow, { world, weights, tokens }: ModelOptions): ModelledChain {
  const info = workflowInfo(workflow);
  const routes = modelRoutes(world);
  const checked = checkWorkflow(workflow, { gateway: world.gateway });
  const steps = new Map(
    checked.steps.map(({ step, kind, route, usualMs, source }) => {
      const { totalMs, maxVisits, maxOutputTokens = Number.POSITIVE_INFINITY } = policyOf(info.steps[step]);
      const usual = USUAL[kind] ?? OTHER;
      const expected = tokens[step] ?? usual.tokens;
      const outputTokens = Math.min(expected.outputTokens, maxOutputTokens);
      const { inputTokens } = expected;
      const modelled: ModelledStep = {
        name: step,
        route: route === null ? null : (routes.get(route) ?? NO_ROUTE),
        turns: usual.turns,
        tokens: { inputTokens, outputTokens },
        limitMs: totalMs ?? Number.POSITIVE_INFINITY,
        maxVisits: maxVisits ?? DEFAULT_MAX_VISITS,
        usualMs,
        usdOf: (target, written) =>
          world.gateway.priceUsd(target, { inputTokens, outputTokens: Math.round(written * outputTokens) }),
      };
      const known = source === 'learned' || modelled.route === null;
      return [step, known ? modelled : { ...modelled, usualMs: rehearsed(modelled) }] as const;
    }),
  );
  const chart = workflowChart(workflow);
  const usualMs = (step: string): number => steps.get(step)?.usualMs ?? 0;
  const invokes = chart.states.flatMap((state) => state.invokes);
  return {
    root: chart.root,
    totalMs: info.budget.totalMs,
    steps,
    laterMs: new Map(invokes.map(({ id }) => [id, info.timePlan.laterMs(id, usualMs)])),
    weights,
  };
}

/** Nothing is bound to it: every call fails at once. */
const NO_ROUTE: ModelledRoute = { targets: [], attempts: 0, hedge: false };

interface Policy {
  readonly totalMs?: number;
  readonly maxVisits?: number;
  readonly maxOutputTokens?: number;
}

function policyOf(step: Policy | undefined): Policy {
  return step ?? {};
}

/** What would have been learned of it: the median of visits that were done. */
function rehearsed(step: ModelledStep): number {
  const random = seededRandom(1);
  const done = Array.from({ length: REHEARSALS }, (_, row) =>
    drawStep(step, { row, limitMs: step.limitMs }, random),
  ).filter(({ ok }) => ok);
  const times = done.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return Math.round(times[Math.floor(times.length / 2)] ?? 0);
}
