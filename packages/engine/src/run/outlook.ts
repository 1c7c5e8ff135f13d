import { remainingMs } from '@paceline/resilience';
import { childWorkflow } from '../define/child.ts';
import { routeOf } from '../define/step.ts';
import { workflowInfo } from '../define/workflow.ts';
import type { WorkflowInfo } from '../define/workflow.ts';
import { EngineError } from '../errors.ts';
import type { PendingStep } from './record.ts';
import type { RunContext } from './step-run.ts';
import { readStepToken } from './token.ts';

/**
 * Whether a step with which the run begins is worth its money: what follows on every way to success has to be possible, and the whole
 * to fit into the time. Nothing has been spent yet, so the step fails at once and its error edge is taken. Later the floor of each step decides.
 * @throws EngineError `NO_USABLE_TARGET` or `DEADLINE_INFEASIBLE`
 */
export function assertWorthBeginning(pending: PendingStep, context: RunContext): void {
  const { runId, info, times, probes } = context;
  if (readStepToken(runId, pending.token).seq !== FIRST_ENTRY || times.disregarded) return;
  const refusal = tooLong(pending, context);
  if (refusal !== null) {
    if (!probes.goesAhead(info.id)) throw new EngineError('DEADLINE_INFEASIBLE', refusal);
    // Its steps are not to be kept from showing how long they take now.
    times.disregard();
  }
  const obstacle = unusable(pending, context);
  if (obstacle === null || (obstacle.learned && probes.goesAhead(info.id))) return;
  throw new EngineError('NO_USABLE_TARGET', obstacle.message);
}

/** What the start of the run asks for. */
const FIRST_ENTRY = 1;

function tooLong({ invokeId, step }: PendingStep, { info, deadline, clock, times }: RunContext) {
  const leftMs = remainingMs(deadline, clock);
  const laterMs = info.timePlan.laterMs(invokeId, times.firmMs);
  const wholeMs = times.firmMs(step) + laterMs;
  if (wholeMs <= leftMs) return null;
  return `${Math.round(leftMs)} ms are left for \`${step}\` and what follows, which usually take ${Math.round(wholeMs)} ms.`;
}

interface Obstacle {
  readonly message: string;
  readonly learned: boolean;
}

function unusable({ invokeId }: PendingStep, context: RunContext): Obstacle | null {
  const { info, gateway, deadline, clock, caller } = context;
  for (const { name, route } of neededRoutes(info, info.timePlan.neededAfter(invokeId))) {
    const use = gateway.usable(route, { withinMs: remainingMs(deadline, clock), tenant: caller.tenant });
    if (use.usable) continue;
    const message = `\`${name}\` will be needed and asks for \`${route}\`, of which no target can be used: ${use.reason}.`;
    return { message, learned: use.learned };
  }
  return null;
}

interface NeededRoute {
  /** The step that asks for it; `child/step` within a child. */
  readonly name: string;
  readonly route: string;
}

/** What the steps will ask for in any case. A `map` may have an empty list and ask nobody. */
function neededRoutes({ steps }: WorkflowInfo, names: readonly string[]): readonly NeededRoute[] {
  return names.flatMap((name) => {
    const step = steps[name];
    if (step?.kind === 'child') {
      const child = workflowInfo(childWorkflow(step));
      const within = neededRoutes(child, child.timePlan.neededFromStart());
      return within.map((each) => ({ ...each, name: `${name}/${each.name}` }));
    }
    const route = routeOf(step);
    return route === null ? [] : [{ name, route }];
  });
}
