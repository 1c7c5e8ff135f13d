import type { JournalEntry, RunEvent, RunRecord, RunStatus } from '../../run/record.ts';

/** What of a run never changes, without what its first entry says as well. */
type Start = Pick<RunRecord, 'workflowHash' | 'labels' | 'caller' | 'expiresEpochMs' | 'capUsd'> & {
  /** Absent where it is the input of the first entry. */
  readonly input?: RunRecord['input'];
};

/** What a transition may change, beside `seq` and `status`, which have columns. */
type Changing = Pick<
  RunRecord,
  'snapshot' | 'pending' | 'timers' | 'visits' | 'spend' | 'outputs' | 'output' | 'failure'
>;

export function startText(record: RunRecord, event: RunEvent): string {
  const { workflowHash, labels, caller, expiresEpochMs, capUsd, input } = record;
  const said = event.type === 'run-start' && event.input === input;
  const start: Start = {
    workflowHash,
    labels,
    ...(caller !== undefined && { caller }),
    expiresEpochMs,
    capUsd,
    ...(!said && { input }),
  };
  return JSON.stringify(start);
}

export function stateText(record: RunRecord): string {
  const { snapshot, pending, timers, visits, spend, outputs, output, failure } = record;
  const state: Changing = {
    snapshot,
    pending,
    timers,
    visits,
    spend,
    outputs,
    ...(output !== undefined && { output }),
    ...(failure !== undefined && { failure }),
  };
  return JSON.stringify(state);
}

/** A run's two rows and its first entry, as text. */
export interface RunTexts {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedEpochMs: number;
  readonly seq: number;
  readonly status: RunStatus;
  readonly start: string;
  readonly state: string;
  readonly firstEvent: string;
}

export function recordOf(texts: RunTexts): RunRecord {
  const { runId, workflowId, startedEpochMs, seq, status } = texts;
  const { input, workflowHash, labels, caller, expiresEpochMs, capUsd } = JSON.parse(texts.start) as Start;
  const first = JSON.parse(texts.firstEvent) as Extract<RunEvent, { type: 'run-start' }>;
  const { snapshot, pending, timers, visits, spend, outputs, output, failure } = JSON.parse(
    texts.state,
  ) as Changing;
  return {
    runId,
    workflowId,
    workflowHash,
    status,
    seq,
    input: input === undefined ? first.input : input,
    labels,
    ...(caller !== undefined && { caller }),
    snapshot,
    pending,
    timers,
    visits,
    startedEpochMs,
    expiresEpochMs,
    capUsd,
    spend,
    outputs,
    ...(output !== undefined && { output }),
    ...(failure !== undefined && { failure }),
  };
}

export function entryOf(runId: string, row: { seq: number; at: number; event: string }): JournalEntry {
  return { runId, seq: row.seq, atEpochMs: row.at, event: JSON.parse(row.event) as RunEvent };
}
