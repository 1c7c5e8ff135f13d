import type { RunEvent, RunRecord, RunStatus } from '../../run/record.ts';
import { NO_SPEND } from '../../run/spend.ts';
import { isEmpty, leanState, wholeState } from './lean-state.ts';
import type { Lean } from './lean-state.ts';

/** Longer texts are kept once, by their hash: the same document given to many runs is written once. In characters. */
export const LONGEST_INLINE = 8 * 1024;

/** A text that is kept once, by its hash. */
export interface Payload {
  readonly text: string;
  /** SHA-256 of the text, in hex. */
  readonly key: string;
}

/** What of a run never changes, without what its first entry says as well. */
type Start = Pick<
  RunRecord,
  'workflowHash' | 'workflowVersion' | 'forkedFrom' | 'labels' | 'caller' | 'capUsd'
> & {
  /** Absent where it is the input of the first entry. */
  readonly input?: RunRecord['input'];
};

/** What has a column of its own. */
type InColumns = 'runId' | 'workflowId' | 'status' | 'seq' | 'startedEpochMs';

/** All the rest: what a transition may change. A run that was migrated names its workflow here. */
type Changing = Lean &
  Omit<RunRecord, keyof Start | keyof Lean | InColumns | 'expiresEpochMs' | 'timers' | 'spend'> &
  Partial<Pick<RunRecord, 'timers' | 'spend' | 'workflowHash' | 'workflowVersion'>> & {
    /** From its start to its expiry. */
    readonly lastsMs: number;
  };

export function startText(record: RunRecord, event: RunEvent): string {
  const { workflowHash, workflowVersion, forkedFrom, labels, caller, capUsd, input } = record;
  const said = event.type === 'run-start' && event.input === input;
  const start: Start = {
    workflowHash,
    ...(workflowVersion !== undefined && { workflowVersion }),
    ...(forkedFrom !== undefined && { forkedFrom }),
    labels,
    ...(caller !== undefined && { caller }),
    capUsd,
    ...(!said && { input }),
  };
  return JSON.stringify(start);
}

export function stateText(record: RunRecord): string {
  const { machine, snapshot, pending } = leanState(record);
  // Assigned by name, and only what is there: gathering the rest of a record costs more than writing it, and so does passing over what is undefined.
  const state: Writable<Changing> = {
    pending,
    visits: record.visits,
    lastsMs: record.expiresEpochMs - record.startedEpochMs,
    outputs: record.outputs,
  };
  if (machine === undefined) state.snapshot = snapshot;
  else state.machine = machine;
  if (!isEmpty(record.timers)) state.timers = record.timers;
  if (record.spend !== NO_SPEND) state.spend = record.spend;
  if (record.output !== undefined) state.output = record.output;
  return JSON.stringify(isPlain(record) ? state : Object.assign(state, rareOf(record)));
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** What few runs have. */
const RARE = [
  'waiting',
  'parent',
  'undo',
  'stopping',
  'ending',
  'compensations',
  'heard',
  'mailbox',
  'failure',
  'migratedFrom',
] as const satisfies readonly (keyof Changing)[];

function isPlain(record: RunRecord): boolean {
  for (const field of RARE) if (record[field] !== undefined) return false;
  return true;
}

function rareOf(record: RunRecord): Partial<Changing> {
  const fields = RARE.filter((field) => record[field] !== undefined).map((field) => [field, record[field]]);
  const { migratedFrom, workflowHash, workflowVersion } = record;
  return {
    ...Object.fromEntries(fields),
    ...(migratedFrom !== undefined && { workflowHash, workflowVersion }),
  };
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
  const { input, ...start } = JSON.parse(texts.start) as Start;
  const first = JSON.parse(texts.firstEvent) as Extract<RunEvent, { type: 'run-start' }>;
  const { machine, snapshot, pending, lastsMs, ...state } = JSON.parse(texts.state) as Changing;
  return {
    runId,
    workflowId,
    status,
    seq,
    startedEpochMs,
    expiresEpochMs: startedEpochMs + lastsMs,
    input: input === undefined ? first.input : input,
    ...start,
    spend: NO_SPEND,
    timers: {},
    ...state,
    ...wholeState({ runId, visits: state.visits }, { machine, snapshot, pending }),
  };
}
