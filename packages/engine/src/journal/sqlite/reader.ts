import type { DatabaseSync } from 'node:sqlite';
import { isEngineError } from '../../errors.ts';
import type { JournalEntry, RunEvent, RunRecord, RunSummary } from '../../run/record.ts';
import type { RunFilter } from '../store.ts';
import type { DamagedRun } from './contract.ts';
import { damaged, isBroken, readable, reading, verifiedEntries, verifiedRow } from './damage.ts';
import type { VerifiedRow, WholeRow } from './damage.ts';
import { keyOfEvent } from './entries.ts';
import type { Link, WrittenEntry } from './entries.ts';
import { textOf } from './payload.ts';
import { recordOf } from './rows.ts';
import { RunList } from './run-list.ts';
import { joinedState } from './split-state.ts';
import type { Statements } from './statements.ts';

/** Segments that one query reads; in between the event loop is free for others. Each holds a few KB. */
const PAGE_OF_SEGMENTS = 50;

interface SegmentRow extends Link {
  readonly entries: string;
}

/** A run as it was written, with what a claim needs to know of its row. */
export interface VerifiedRun {
  readonly row: WholeRow;
  readonly record: RunRecord;
  /** Wall time of its last entry. */
  readonly lastEpochMs: number;
}

export interface RunReaderOptions {
  readonly db: DatabaseSync;
  readonly sql: Statements;
  /** Told of a run that turns out not to be what was written. */
  readonly onDamage: (runId: string) => void;
}

/** Reads runs, and gives nothing out that is not what was written. */
export class RunReader {
  private readonly sql: Statements;
  private readonly runs: RunList;

  private readonly onDamage: (runId: string) => void;

  constructor({ db, sql, onDamage }: RunReaderOptions) {
    this.sql = sql;
    this.onDamage = onDamage;
    this.runs = new RunList(db);
  }

  /** @throws EngineError `JOURNAL_DAMAGED` for a run kept aside */
  row(runId: string): WholeRow | undefined {
    return readable(runId, () => {
      const kept = this.sql.isQuarantined.get(runId) as { reason: string } | undefined;
      if (kept !== undefined) throw damaged(runId, kept.reason);
      return this.sql.whole.get(runId) as WholeRow | undefined;
    });
  }

  record(runId: string): RunRecord | undefined {
    return reading(() => this.verified(runId))?.record;
  }

  /** A run's row with the record that it holds. @throws EngineError `JOURNAL_DAMAGED` */
  verified(runId: string): VerifiedRun | undefined {
    const found = this.found(runId);
    if (found === undefined) return undefined;
    const { row, first, last } = found;
    const record = this.minding(runId, () => this.recordOf(row, this.eventText(runId, first)));
    return { row, record, lastEpochMs: row.started_epoch_ms + last.afterMs };
  }

  /** A run's entries as they were when this was called, each part of them checked against the one before it. */
  *entries(runId: string, fromSeq: number): Generator<JournalEntry> {
    const found = reading(() => this.found(runId));
    if (found === undefined) return;
    const { row, genesis, sealed, tail } = found;
    let at: Link = fromSeq > sealed.seq ? sealed : (this.sealedBefore(row, fromSeq) ?? genesis);
    while (at.seq < sealed.seq) {
      const page = this.segments(row, { from: at, to: sealed });
      if (page.length === 0) break;
      for (const segment of page) {
        const entries = this.minding(runId, () =>
          verifiedEntries(segment.entries, { runId, from: at, to: segment }),
        );
        yield* this.said(row, entries, fromSeq);
        at = segment;
      }
    }
    this.minding(runId, () => {
      if (at.chain !== sealed.chain)
        throw damaged(runId, `its journal ends at entry ${at.seq} of ${row.seq}`);
    });
    yield* this.said(row, tail, fromSeq);
  }

  list(filter: RunFilter): readonly RunSummary[] {
    return this.runs.read(filter);
  }

  damaged(): readonly DamagedRun[] {
    try {
      const rows = this.sql.quarantined.all() as unknown as readonly DamagedRun[];
      return rows.map(({ runId, reason }) => ({ runId, reason }));
    } catch (error) {
      if (!isBroken(error)) throw error;
      return [{ runId: null, reason: 'Which runs are damaged cannot be read.' }];
    }
  }

  private found(runId: string): VerifiedRow | undefined {
    return this.minding(runId, () => {
      const row = this.row(runId);
      return row && verifiedRow(row);
    });
  }

  private recordOf(row: WholeRow, firstEvent: string): RunRecord {
    const {
      run_id: runId,
      workflow_id: workflowId,
      started_epoch_ms: startedEpochMs,
      seq,
      status,
      start,
    } = row;
    const state = joinedState(row.state, row.base);
    if (state === null) throw damaged(runId, 'a part of its state is gone');
    return recordOf({ runId, workflowId, startedEpochMs, seq, status, start, state, firstEvent });
  }

  private *said(
    { run_id: runId, started_epoch_ms: startedEpochMs }: WholeRow,
    entries: readonly WrittenEntry[],
    fromSeq: number,
  ): Generator<JournalEntry> {
    for (const entry of entries) {
      if (entry.seq < fromSeq) continue;
      const { seq, afterMs } = entry;
      const text = reading(() => this.minding(runId, () => this.eventText(runId, entry)));
      yield { runId, seq, atEpochMs: startedEpochMs + afterMs, event: JSON.parse(text) as RunEvent };
    }
  }

  private eventText(runId: string, { seq, event }: WrittenEntry): string {
    const key = keyOfEvent(event);
    const text = key === undefined ? event : readable(runId, () => textOf(key, this.sql));
    if (text === undefined) throw damaged(runId, `what entry ${seq} says is gone`);
    return text;
  }

  private segments(
    { run_id: runId, run }: WholeRow,
    { from, to }: { readonly from: Link; readonly to: Link },
  ): readonly SegmentRow[] {
    const read = () => this.sql.segments.all(run, from.seq, to.seq, PAGE_OF_SEGMENTS);
    return this.rows(runId, read) as readonly SegmentRow[];
  }

  private sealedBefore({ run_id: runId, run }: WholeRow, seq: number): Link | undefined {
    return this.rows(runId, () => this.sql.sealedBefore.get(run, seq)) as Link | undefined;
  }

  private rows(runId: string, read: () => unknown): unknown {
    return reading(() => this.minding(runId, () => readable(runId, read)));
  }

  /** Whoever finds damage tells of it. */
  private minding<T>(runId: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (isEngineError(error) && error.code === 'JOURNAL_DAMAGED') this.onDamage(runId);
      throw error;
    }
  }
}
