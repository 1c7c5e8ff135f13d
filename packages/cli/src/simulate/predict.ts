import { hashUnit, seededRandom } from '@paceline/resilience';
import { Walk } from './walk.ts';
import type { DrawnRun, ModelledChain } from './walk.ts';

/** What the model says of a chain. Shares from 0 to 1, times in milliseconds. */
export interface Prediction {
  readonly runs: number;
  /** Ended in a final state tagged neither `degraded` nor `failed`, within the budget of time. */
  readonly succeeded: number;
  readonly degraded: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Of one run, in US dollars; attempts at unknown prices are not counted. */
  readonly meanUsd: number;
  readonly p95Usd: number;
  /** Attempts at unknown prices, in all runs. */
  readonly unpriced: number;
  /** Attempts of model calls per run. */
  readonly attempts: number;
  readonly steps: readonly StepPrediction[];
}

export interface StepPrediction {
  readonly step: string;
  /** Visits per run. */
  readonly visits: number;
  /** Share of the visits. */
  readonly failed: number;
  /** Of visits that were done; `null` if there were none. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** Runs the chain so many times. The same seed gives the same prediction. */
export function predict(chain: ModelledChain, runs: number, seed: number): Prediction {
  const drawn = Array.from({ length: runs }, (_, row) => {
    // Each run has its own chance, so that a longer run of one does not change the next.
    const random = seededRandom(Math.floor(hashUnit(seed, row) * 2 ** 32));
    return new Walk(chain, row, random).run();
  });
  const share = (status: DrawnRun['status']): number =>
    drawn.filter((each) => each.status === status).length / runs;
  const times = sorted(drawn.map(({ ms }) => ms));
  const costs = sorted(drawn.map(({ usd }) => usd));
  return {
    runs,
    succeeded: share('succeeded'),
    degraded: share('degraded'),
    failed: share('failed'),
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    p99Ms: quantile(times, 0.99),
    meanUsd: total(costs) / runs,
    p95Usd: quantile(costs, 0.95),
    unpriced: total(drawn.map(({ unpriced }) => unpriced)),
    attempts: total(drawn.map(({ attempts }) => attempts)) / runs,
    steps: stepsOf(chain, drawn),
  };
}

function stepsOf({ steps }: ModelledChain, drawn: readonly DrawnRun[]): readonly StepPrediction[] {
  const visits = Map.groupBy(
    drawn.flatMap((run) => run.visits),
    ({ step }) => step,
  );
  return [...steps.keys()].map((step) => {
    const all = visits.get(step) ?? [];
    const done = sorted(all.filter(({ ok }) => ok).map(({ ms }) => ms));
    return {
      step,
      visits: all.length / drawn.length,
      failed: all.length === 0 ? 0 : 1 - done.length / all.length,
      p50Ms: done.length === 0 ? null : quantile(done, 0.5),
      p95Ms: done.length === 0 ? null : quantile(done, 0.95),
    };
  });
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Of values that ascend: the smallest that at least the share `q` of them does not exceed. */
function quantile(values: readonly number[], q: number): number {
  return values[Math.max(0, Math.ceil(q * values.length) - 1)] ?? 0;
}
