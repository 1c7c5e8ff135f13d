import type { DatabaseSync } from 'node:sqlite';
import { EngineError } from '../../errors.ts';
import type { RunRecord, RunStatus } from '../../run/record.ts';
import { FORGOTTEN } from './anchor.ts';
import type { Place } from './anchor.ts';
import { recordOf } from './rows.ts';
import { sealOf } from './seal.ts';
import type { Statements } from './statements.ts';

/** How far a run has come. */
export interface RunPlace {
  readonly run: number;
  readonly genesis: Uint8Array;
  readonly seq: number;
  readonly chain: Uint8Array;
}

/** All that recovery reads of a run. */
export interface WholeRow extends RunPlace {
  readonly epoch: number;
  readonly run_id: string;
  readonly workflow_id: string;
  readonly started_epoch_ms: number;
  readonly start: string;
  readonly owner: number;
  readonly status: RunStatus;
  readonly state: string;
  readonly seal: Uint8Array;
  readonly first_at: number;
  readonly first_event: string;
  readonly first_chain: Uint8Array;
}

export interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly event: string;
  readonly chain: Uint8Array;
}

/** Where a run's chain begins: what never changes about it. */
export function genesisOf(run: {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedEpochMs: number;
  readonly start: string;
}): Buffer {
  return sealOf(run.runId, run.workflowId, run.startedEpochMs, run.start);
}

/** What vouches for a run's latest state. */
export function stateSealOf(row: Pick<WholeRow, 'genesis' | 'chain' | 'seq' | 'status' | 'state'>): Buffer {
  return sealOf(row.genesis, row.chain, row.seq, row.status, row.state);
}

/** A link of a run's chain: the links before it and what this entry says. */
export function linkOf(before: Uint8Array, { seq, at, event }: Omit<EntryRow, 'chain'>): Buffer {
  return sealOf(before, seq, at, event);
}

/**
 * The record, if the rows are what was written: constant work, however long the run. What lies between the first entry and the
 * last is left to the audit.
 * @throws EngineError `JOURNAL_DAMAGED`
 */
export function verifiedRecord(row: WholeRow): RunRecord {
  const { run_id: runId, workflow_id: workflowId, started_epoch_ms: startedEpochMs } = row;
  const { start, seq, status, state, chain } = row;
  const genesis = genesisOf({ runId, workflowId, startedEpochMs, start });
  const first = linkOf(genesis, { seq: 1, at: row.first_at, event: row.first_event });
  const intact =
    same(genesis, row.genesis) &&
    same(first, row.first_chain) &&
    same(stateSealOf({ genesis, chain, seq, status, state }), row.seal);
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
  private chain: Uint8Array;
  private readonly runId: string;

  constructor({ run_id: runId }: WholeRow, from: { readonly seq: number; readonly chain: Uint8Array }) {
    this.runId = runId;
    this.seq = from.seq;
    this.chain = from.chain;
  }

  follow(row: EntryRow): void {
    this.seq++;
    this.chain = linkOf(this.chain, row);
    if (row.seq !== this.seq || !same(this.chain, row.chain)) {
      throw damaged(this.runId, `entry ${this.seq} is not what was written`);
    }
  }

  /** A run may have gone on since its row was read. */
  end({ seq, chain }: WholeRow): void {
    if (this.seq < seq || (this.seq === seq && !same(this.chain, chain))) {
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
    const code = (error as { readonly errcode?: unknown }).errcode;
    if (typeof code !== 'number' || !BROKEN.has(code & 0xff)) throw error;
    throw damaged(runId, 'its pages cannot be read');
  }
}

/** Runs that had come further than the data says: SQLite has dropped what was committed. */
export function findLosses(
  furthest: ReadonlyMap<number, Place>,
  sql: Statements,
): readonly { readonly run: number; readonly reason: string }[] {
  return [...furthest.values()].flatMap(({ run, seq, chain }) => {
    if (seq === FORGOTTEN) return [];
    const row = sql.furthest.get(run) as { seq: number; chain: Uint8Array } | undefined;
    // Its number will be given again, so it must not be kept from the run that gets it.
    if (row === undefined) return [{ run: -run, reason: `The run is gone; it had ${seq} entries.` }];
    if (row.seq < seq) return [{ run, reason: `Entries ${row.seq + 1} to ${seq} are gone.` }];
    if (row.seq === seq && !same(row.chain, chain)) return [{ run, reason: `Entry ${seq} is another one.` }];
    return [];
  });
}

/**
 * Looks through the tables by which runs are found, and their indexes: where a page of them is damaged, a run could be missed without
 * anybody noticing. Entries need no such look, each is vouched for by its link.
 * @returns what does not fit, or nothing
 */
export function findMisfit(db: DatabaseSync): string | undefined {
  const lines = ['run', 'state'].flatMap((table) => db.prepare(`PRAGMA integrity_check('${table}')`).all());
  const misfit = lines.map((line) => line['integrity_check'] as string).find((line) => line !== 'ok');
  return misfit && `Runs may be missing: ${misfit.replaceAll('\n', ' ')}.`;
}

export function damaged(runId: string, how: string): EngineError {
  return new EngineError(
    'JOURNAL_DAMAGED',
    `Run ${runId} is damaged: ${how}. It is kept aside; restore the file from a copy.`,
  );
}

/** A damaged row may lack what its type promises. */
function same(left: Uint8Array, right: unknown): boolean {
  return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
}
