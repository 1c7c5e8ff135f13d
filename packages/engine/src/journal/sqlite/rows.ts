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

/** What `stateText` writes by name. */
type Usual =
  | keyof Lean
  | 'visits'
  | 'lastsMs'
  | 'outputs'
  | 'timers'
  | 'spend'
  | 'output'
  | 'workflowHash'
  | 'workflowVersion';

/** What few runs have. A field that neither is here nor written by name does not compile: it would be lost at the next crash. */
const RARE: Readonly<Record<Exclude<keyof Changing, Usual>, true>> = {
  waiting: true,
  parent: true,
  undo: true,
  stopping: true,
  ending: true,
  compensations: true,
  heard: true,
  mailbox: true,
  failure: true,
  migratedFrom: true,
};

const RARE_FIELDS = Object.keys(RARE) as readonly (keyof typeof RARE)[];

function isPlain(record: RunRecord): boolean {
  for (const field of RARE_FIELDS) if (record[field] !== undefined) return false;
  return true;
}

/** JSON leaves out what is undefined. */
function rareOf(record: RunRecord): object {
  const { migratedFrom, workflowHash, workflowVersion } = record;
  return {
    ...Object.fromEntries(RARE_FIELDS.map((field) => [field, record[field]])),
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
