import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { EngineError, isEngineError } from '../../errors.ts';
import { messageOf } from '../../run/failure.ts';
import type { RunStatus } from '../../run/record.ts';
import { FORGOTTEN, INBOX } from './anchor.ts';
import type { Place } from './anchor.ts';
import { follow } from './entries.ts';
import type { Link, WrittenEntry } from './entries.ts';
import { sealOf } from './seal.ts';
import type { Statements } from './statements.ts';

/** All that recovery reads of a run. Where rows are gone, there are nulls. */
export interface WholeRow extends Link {
  readonly run: number;
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
  /** The entries that are in no segment, at least the last. */
  readonly tail: string;
  /** The first segment, if there is one. */
  readonly first_seq: number | null;
  readonly first_chain: string;
  readonly first_entries: string;
  /** The end of the last segment, if there is one. */
  readonly sealed_seq: number | null;
  readonly sealed_chain: string;
}

/** A run's row, as it was written. */
export interface VerifiedRow {
  readonly row: WholeRow;
  readonly genesis: Link;
  /** After which the entries stand in the row itself. */
  readonly sealed: Link;
  readonly tail: readonly WrittenEntry[];
  readonly first: WrittenEntry;
  readonly last: WrittenEntry;
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
  // As 32 bits with a sign, which V8 writes without a detour.
  return crc32(state, status === 'running' ? RUNNING_SUM : crc32(status)) | 0;
}

const RUNNING_SUM = crc32('running');

/**
 * The row, if it is what was written: constant work, however long the run. What lies between the first entries and the last is left to
 * the audit.
 * @throws EngineError `JOURNAL_DAMAGED`
 */
export function verifiedRow(row: WholeRow): VerifiedRow {
  const { run_id: runId, workflow_id: workflowId, started_epoch_ms: startedEpochMs, start } = row;
  if (row.state === null) throw damaged(runId, NOT_AS_WRITTEN);
  const genesis = { seq: 0, chain: genesisOf({ runId, workflowId, startedEpochMs, start }) };
  const { sealed_seq: sealedSeq, first_seq: firstSeq } = row;
  const sealed = sealedSeq === null ? genesis : { seq: sealedSeq, chain: row.sealed_chain };
  const tail = verifiedEntries(row.tail, { runId, from: sealed, to: row });
  const earliest =
    firstSeq === null
      ? tail
      : verifiedEntries(row.first_entries, {
          runId,
          from: genesis,
          to: { seq: firstSeq, chain: row.first_chain },
        });
  const [first] = earliest;
  const last = tail.at(-1);
  if (first === undefined || last?.stateSum !== stateSumOf(row.status, row.state)) {
    throw damaged(runId, NOT_AS_WRITTEN);
  }
  return { row, genesis, sealed, tail, first, last };
}

const NOT_AS_WRITTEN = 'its rows are not what was written';

/**
 * Entries that lead from one link to another.
 * @throws EngineError `JOURNAL_DAMAGED`
 */
export function verifiedEntries(
  text: string,
  { runId, from, to }: { readonly runId: string; readonly from: Link; readonly to: Link },
): readonly WrittenEntry[] {
  const { entries, end } = follow(text, from);
  if (end.seq === to.seq && end.chain === to.chain) return entries;
  throw damaged(runId, `of its entries ${from.seq + 1} to ${to.seq} one is not what was written`);
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
