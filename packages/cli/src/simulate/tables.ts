import { formatDuration } from '../duration.ts';
import { columns } from '../output/columns.ts';
import type { Style } from '../output/style.ts';
import { bar, formatUsd } from '../output/tables.ts';
import { printable } from '../output/text.ts';
import type { Prediction, StepPrediction } from './predict.ts';

/** What a prediction is about. */
export interface About {
  readonly workflowId: string;
  readonly budgetMs: number;
  readonly scenario: string;
  readonly seed: number;
}

export function predictionTable(
  prediction: Prediction,
  { workflowId, budgetMs, scenario, seed }: About,
  style: Style,
): readonly string[] {
  const { runs, succeeded, degraded, failed, p50Ms, p95Ms, p99Ms, meanUsd, p95Usd } = prediction;
  const unpriced = prediction.unpriced > 0 ? '   (attempts at unknown prices not counted)' : '';
  return [
    style.bold(
      `${printable(workflowId)}   ${runs} simulated runs   scenario ${printable(scenario)}   seed ${seed}`,
    ),
    style.cyan(
      'A model of the chain, not of the wire: no model was asked, and breakers, limits and queues are left out.',
    ),
    '',
    style.green(line('succeeded', succeeded)),
    degraded > 0 ? style.yellow(line('degraded', degraded)) : line('degraded', degraded),
    failed > 0 ? style.red(line('failed', failed)) : line('failed', failed),
    '',
    `run time   p50 ${formatDuration(p50Ms)}   p95 ${formatDuration(p95Ms)}   p99 ${formatDuration(p99Ms)}   budget ${formatDuration(budgetMs)}`,
    `a run      ${prediction.attempts.toFixed(2)} attempts   ${formatUsd(meanUsd)}   p95 ${formatUsd(p95Usd)}${unpriced}`,
    '',
    ...stepLines(prediction.steps, style),
  ];
}

function line(name: string, share: number): string {
  return `${name.padEnd(10)} ${`${(100 * share).toFixed(2)} %`.padStart(8)}  ${bar(share)}`;
}

function stepLines(steps: readonly StepPrediction[], style: Style): readonly string[] {
  const rows = steps.map(({ step, visits, failed, p50Ms, p95Ms }) => [
    printable(step),
    visits.toFixed(2),
    `${(100 * failed).toFixed(1)} %`,
    p50Ms === null ? '-' : formatDuration(p50Ms),
    p95Ms === null ? '-' : formatDuration(p95Ms),
  ]);
  const [head = '', ...lines] = columns(
    [['step', 'visits', 'failed', 'p50', 'p95'], ...rows],
    new Set([1, 2, 3, 4]),
  );
  return [style.dim(head), ...lines];
}
