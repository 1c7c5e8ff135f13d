import { isEngineError } from 'paceline';
import type { Failure, RunOutcome } from 'paceline';

/**
 * How a run ended here. An engine that could not go on with it (the disk stayed full, another process took it over) is told as a failure of
 * this run alone; the journal has it unfinished.
 */
export async function outcomeOf(
  runId: string,
  result: Promise<RunOutcome<unknown>>,
): Promise<RunOutcome<unknown>> {
  try {
    return await result;
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return notRun(runId, { code: error.code, message: error.message });
  }
}

/** The outcome of what did not become a run: the same shape as a run whose input was refused. */
export function notRun(runId: string, error: Failure): RunOutcome<unknown> {
  return {
    runId,
    ok: false,
    status: 'failed',
    error,
    partial: {},
    ms: 0,
    withinBudget: true,
    spend: {
      calls: 0,
      attempts: 0,
      retries: 0,
      failovers: 0,
      hedges: 0,
      savedUsd: 0,
      knownUsd: 0,
      unpricedAttempts: 0,
      byProvider: {},
      byTarget: {},
      byStep: {},
    },
    steps: [],
  };
}
