import type { Json } from '@paceline/gateway';
import type { Batch, JournalStore } from '../journal/store.ts';
import type { Fence, JournalEntry, RunRecord, RunStatus } from '../run/record.ts';
import { NO_SPEND } from '../run/spend.ts';

export async function commitAll(journal: JournalStore, [first, ...rest]: readonly Batch[]): Promise<Fence> {
  const fence = await journal.create(first as Batch);
  for (const batch of rest) await journal.commit(fence, batch);
  return fence;
}

export async function entriesOf(
  journal: JournalStore,
  runId: string,
  fromSeq?: number,
): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of journal.entries(runId, fromSeq)) entries.push(entry);
  return entries;
}

export interface BatchOptions {
  readonly status?: RunStatus;
  readonly input?: Json;
  readonly parentRunId?: string;
}

/** One transition of a made-up run. */
export function batchOf(
  runId: string,
  seq: number,
  { status = 'running', input = { n: 1 }, parentRunId }: BatchOptions = {},
): Batch {
  const atEpochMs = 1_767_225_600_000 + seq;
  const event =
    seq === 1
      ? ({ type: 'run-start', runId, input, labels: {}, totalMs: 1_000, capUsd: null } as const)
      : ({ type: 'step-done', token: `${runId}/${seq}`, output: { seq }, attempts: [] } as const);
  const record: RunRecord = {
    runId,
    workflowId: 'workflow',
    workflowHash: 'hash',
    status,
    seq,
    input,
    labels: { team: 'cx' },
    ...(parentRunId !== undefined && { parent: { runId: parentRunId, token: 'token' } }),
    snapshot: { value: `state-${seq}`, context: { seq } },
    pending: {},
    timers: {},
    visits: { step: seq },
    startedEpochMs: 1_767_225_600_000,
    expiresEpochMs: 1_767_225_601_000,
    capUsd: null,
    spend: NO_SPEND,
    outputs: {},
    ...(status === 'succeeded' && { output: { seq } }),
    ...(status === 'failed' && { failure: { code: 'STEP_FAILED', message: 'no' } }),
  };
  return { entry: { runId, seq, atEpochMs, event }, record };
}
