import type { SpendEntry } from '../spend/contract.ts';

/** An attempt that cost a dollar, but for what is given. */
export function entryOf(parts: Partial<SpendEntry>): SpendEntry {
  return {
    id: 'run-1/triage/0/1',
    atEpochMs: 0,
    runId: 'run-1',
    workflow: null,
    step: 'triage',
    turn: 0,
    attempt: 1,
    route: 'classify',
    target: 'a/one',
    provider: 'a',
    model: 'one',
    credential: null,
    tenant: null,
    labels: {},
    outcome: 'ok',
    costUsd: 1,
    costSource: 'computed',
    priceTable: null,
    usage: null,
    savedUsd: 0,
    ...parts,
  };
}
