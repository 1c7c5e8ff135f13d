import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { EngineError, isEngineError } from '../../errors.ts';
import { messageOf } from '../../run/failure.ts';
import type { RunRecord, RunStatus } from '../../run/record.ts';
import { FORGOTTEN, INBOX } from './anchor.ts';
import type { Place } from './anchor.ts';
import { recordOf } from './rows.ts';
import { joinedState } from './split-state.ts';
import { digestOf, sealOf } from './seal.ts';
import type { Statements } from './statements.ts';

/** How far a run has come. */
export interface RunPlace {
  readonly run: number;
  readonly seq: number;
  readonly chain: string;
}

/** All that recovery reads of a run. Where rows are gone, there are nulls. */
export interface WholeRow extends RunPlace {
  readonly epoch: number;
  readonly run_id: string;
  readonly workflow_id: string;
  readonly started_epoch_ms: number;
  readonly start: string;
  readonly owner: number;
  readonly status: RunStatus;
  readonly state: string;
  /** A part of the state that is kept apart. */
  readonly base: string | null;
  readonly first_at: number;
  readonly first_event: string;
  readonly first_sum: number;
  readonly first_chain: string;
  /** Absent where the first entry is the last. */
  readonly chain_before_last: string | null;
  readonly last_at: number;
  readonly last_event: string;
  readonly last_sum: number;
  /** Whether there is an entry beyond the last. */
  readonly goes_on: number;
}

export interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly event: string;
  /** Of the run's state after the entry. */
  readonly stateSum: number;
  readonly chain: string;
}

/** Where a run's chain begins: what never changes about it. */
export function genesisOf(run: {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedEpochMs: number;
  readonly start: string;
}): string {
  return sealOf(run.runId, run.workflowId, run.startedEpochMs, run.start);
}

/** The sum by which an entry vouches for the state it led to. The state is overwritten by the next one, the sum stays. */
export function stateSumOf(status: RunStatus, state: string): number {
  return crc32(state, status === 'running' ? RUNNING_SUM : crc32(status));
}

const RUNNING_SUM = crc32('running');

/** A link of a run's chain: the links before it, what this entry says, and the state it led to. */
export function linkOf(before: string, { seq, at, event, stateSum }: Omit<EntryRow, 'chain'>): string {
  // Only the last part may hold a colon.
  return digestOf(`${before}:${seq}:${at}:${stateSum}:${event}`);
}

/**
 * The record, if the rows are what was written: constant work, however long the run. What lies between the first entry and the
 * last is left to the audit.
 * @throws EngineError `JOURNAL_DAMAGED`
 */
export function verifiedRecord(row: WholeRow): RunRecord {
  const { run_id: runId, workflow_id: workflowId, started_epoch_ms: startedEpochMs } = row;
  const { start, seq, status } = row;
  const state = row.state === null ? null : joinedState(row.state, row.base);
  const genesis = genesisOf({ runId, workflowId, startedEpochMs, start });
  const first = linkOf(genesis, {
    seq: 1,
    at: row.first_at,
    event: row.first_event,
    stateSum: row.first_sum,
  });
  const last = linkOf(row.chain_before_last ?? genesis, {
    seq,
    at: row.last_at,
    event: row.last_event,
    stateSum: row.last_sum,
  });
  const intact =
    state !== null &&
    row.goes_on === 0 &&
    first === row.first_chain &&
    last === row.chain &&
    stateSumOf(status, row.state) === row.last_sum;
  if (!intact) throw damaged(runId, 'its rows are not what was written');
  return recordOf({
    runId,
    workflowId,
    startedEpochMs,
    seq,
    status,
    start,
    state,
    firstEvent: row.first_event,
  });
}

/** Follows a run's entries link by link. */
export class ChainCheck {
  seq: number;
  private chain: string;
  private readonly runId: string;

  constructor({ run_id: runId }: WholeRow, from: Omit<RunPlace, 'run'>) {
    this.runId = runId;
    this.seq = from.seq;
    this.chain = from.chain;
  }

  follow(row: EntryRow): void {
    this.seq++;
    this.chain = linkOf(this.chain, row);
    if (row.seq !== this.seq || this.chain !== row.chain) {
      throw damaged(this.runId, `entry ${this.seq} is not what was written`);
    }
  }

  /** A run may have gone on since its row was read. */
  end({ seq, chain }: WholeRow): void {
    if (this.seq < seq || (this.seq === seq && this.chain !== chain)) {
      throw damaged(this.runId, `its journal ends at entry ${this.seq} of ${seq}`);
    }
  }
}

/** SQLite's codes for a file whose structure makes no sense: SQLITE_CORRUPT and SQLITE_NOTADB. */
const BROKEN: ReadonlySet<number> = new Set([11, 26]);

/** @throws EngineError `JOURNAL_DAMAGED` where SQLite cannot make sense of the run's pages */
export function readable<T>(runId: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isBroken(error)) throw error;
    throw damaged(runId, 'its pages cannot be read');
  }
}

/** For reads outside of a group, which nobody tries again. @throws EngineError `JOURNAL_FAILED` where the disk lets nothing be read */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isEngineError(error)) throw error;
    throw new EngineError('JOURNAL_FAILED', `The journal cannot be read: ${messageOf(error)}.`, error);
  }
}

/** Whether SQLite could not make sense of the file. */
export function isBroken(error: unknown): boolean {
  const code = (error as { readonly errcode?: unknown }).errcode;
  return typeof code === 'number' && BROKEN.has(code & 0xff);
}

/** Runs that had come further than the data says: SQLite has dropped what was committed. */
export function findLosses(
  furthest: ReadonlyMap<number, Place>,
  sql: Statements,
): readonly { readonly run: number; readonly reason: string }[] {
  return [...furthest.values()].flatMap(({ run, seq, chain }) => {
    if (seq === FORGOTTEN || run === INBOX) return [];
    const row = sql.furthest.get(run) as { seq: number; chain: string | null } | undefined;
    // Its number will be given again, so it must not be kept from the run that gets it.
    if (row === undefined) return [{ run: -run, reason: `The run is gone; it had ${seq} entries.` }];
    if (row.seq < seq) return [{ run, reason: `Entries ${row.seq + 1} to ${seq} are gone.` }];
    if (row.seq === seq && !row.chain?.startsWith(chain))
      return [{ run, reason: `Entry ${seq} is another one.` }];
    return [];
  });
}

/**
 * Looks through the tables by which runs and messages are found, and their indexes: where a page of them is damaged, one could be missed
 * without anybody noticing. Entries need no such look, each is vouched for by its link.
 * @returns what does not fit, or nothing
 */
export function findMisfit(db: DatabaseSync): string | undefined {
  const lines = ['run', 'state', 'inbox'].flatMap((table) =>
    db.prepare(`PRAGMA integrity_check('${table}')`).all(),
  );
  const misfit = lines.map((line) => line['integrity_check'] as string).find((line) => line !== 'ok');
  return misfit && `Runs or messages may be missing: ${misfit.replaceAll('\n', ' ')}.`;
}

/** Stands for runs whose names are lost. */
export const NO_RUN = 0;

export function damaged(runId: string, how: string): EngineError {
  return new EngineError(
    'JOURNAL_DAMAGED',
    `Run ${runId} is damaged: ${how}. It is kept aside; restore the file from a copy.`,
  );
}
