import type { Scenario } from '@paceline/simulator';
import type { Workflow } from 'paceline';
import { workflowChart, workflowInfo } from 'paceline';
import { withLoaded } from '../check/check-file.ts';
import type { CheckRequest } from '../check/check-file.ts';
import { CliError, messageOf } from '../errors.ts';
import type { Io } from '../io.ts';
import { styleFor } from '../output/style.ts';
import { jsonText } from '../output/text.ts';
import { findScenario } from '../scenario-file.ts';
import { weightProblems } from './branches.ts';
import type { BranchWeights } from './branches.ts';
import type { Tokens } from './draw-step.ts';
import { modelChain } from './model-chain.ts';
import { predict } from './predict.ts';
import { predictionTable } from './tables.ts';

/** What `paceline check --simulate` was asked to do. */
export interface SimulateRequest extends CheckRequest {
  readonly runs: number;
  readonly seed: number;
  /** A name or a JSON file. */
  readonly scenario: string;
  readonly weights: BranchWeights;
  readonly tokens: Readonly<Record<string, Tokens>>;
}

/**
 * Predicts how runs of a workflow would go, from a model of its chain.
 * @returns the exit code: 0, or 1 for a workflow that is refused
 * @throws CliError when it cannot begin
 */
export async function simulateFile(request: SimulateRequest, io: Io): Promise<number> {
  const { runs, seed, weights, tokens, json } = request;
  const scenario = await scenarioOf(request, io);
  return withLoaded(request, io, async ({ workflow: loaded, config, gateway }) => {
    if (config === undefined || gateway === undefined) {
      throw new CliError('CONFIG_UNUSABLE', 'To simulate, a config has to say which models are asked.');
    }
    const workflow = loaded as Workflow;
    checkNames(request, workflow);
    const chain = modelChain(workflow, { world: { config, gateway, scenario }, weights, tokens });
    const prediction = predict(chain, runs, seed);
    const { id, budget } = workflowInfo(workflow);
    const about = { workflowId: id, budgetMs: budget.totalMs, scenario: request.scenario, seed };
    const lines = json
      ? [jsonText({ model: 'chain', ...about, ...prediction })]
      : predictionTable(prediction, about, styleFor(io.stdout, io.env));
    io.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return 0;
  });
}

async function scenarioOf({ scenario, runs }: SimulateRequest, io: Io): Promise<Scenario> {
  try {
    return await findScenario(scenario, runs, io);
  } catch (error) {
    throw new CliError('SCENARIO_UNUSABLE', `Scenario ${scenario}: ${messageOf(error)}`, error);
  }
}

/** @throws CliError `USAGE` for states and steps that the workflow does not have */
function checkNames({ weights, tokens }: SimulateRequest, workflow: Workflow): void {
  const steps = Object.keys(workflowInfo(workflow).steps);
  const problems = [
    ...weightProblems(weights, workflowChart(workflow).states),
    ...Object.keys(tokens)
      .filter((step) => !steps.includes(step))
      .map((step) => `There is no step \`${step}\`. The steps are: ${steps.join(', ')}.`),
  ];
  if (problems.length > 0) throw new CliError('USAGE', problems.join('\n'));
}
