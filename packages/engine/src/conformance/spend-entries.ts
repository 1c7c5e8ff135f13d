import type { SpendEntry } from '@paceline/gateway';

/** Of an hour's beginning. */
export const START = 490_000 * 3_600_000;

let booked = 0;

/** An attempt like any other but for what is given. */
export function entryOf(parts: Partial<SpendEntry> = {}): SpendEntry {
  return {
    id: `attempt-${booked++}`,
    atEpochMs: START,
    runId: 'run-1',
    workflow: 'support',
    step: 'triage',
    turn: 0,
    attempt: 1,
    route: 'classify',
    target: 'openai/gpt-5-mini',
    provider: 'openai',
    model: 'gpt-5-mini',
    credential: null,
    tenant: null,
    labels: {},
    outcome: 'ok',
    costUsd: 0.001,
    costSource: 'computed',
    priceTable: 'table@1',
    usage: {
      inputTokens: 100,
      cachedInputTokens: 40,
      cacheWriteTokens: 0,
      outputTokens: 10,
      reasoningTokens: 0,
      source: 'reported',
    },
    savedUsd: 0,
    ...parts,
  };
}
