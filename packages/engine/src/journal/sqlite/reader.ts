import type { DatabaseSync } from 'node:sqlite';
import { isEngineError } from '../../errors.ts';
import type { JournalEntry, RunRecord, RunSummary } from '../../run/record.ts';
import type { RunFilter } from '../store.ts';
import type { DamagedRun } from './contract.ts';
import { ChainCheck, damaged, genesisOf, isBroken, readable, reading, verifiedRecord } from './damage.ts';
import type { EntryRow, WholeRow } from './damage.ts';
import { entryOf } from './rows.ts';
import { RunList } from './run-list.ts';
import type { Statements } from './statements.ts';

/** Entries that one query reads; in between the event loop is free for others. */
const PAGE_OF_ENTRIES = 500;

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
  verified(runId: string): { readonly row: WholeRow; readonly record: RunRecord } | undefined {
    return this.minding(runId, () => {
      const row = this.row(runId);
      return row && { row, record: verifiedRecord(row) };
    });
  }

  /** A run's entries, each checked against the one before it, and the last against the run's row. */
  *entries(runId: string, fromSeq: number): Generator<JournalEntry> {
    const run = reading(() => this.verified(runId));
    if (run === undefined) return;
    const { workflowId, startedEpochMs } = run.record;
    const before =
      fromSeq > 1
        ? this.page(runId, fromSeq - 1, 1)[0]?.chain
        : genesisOf({ runId, workflowId, startedEpochMs, start: run.row.start });
    if (before === undefined) return;
    const check = new ChainCheck(run.row, { seq: fromSeq - 1, chain: before });
    for (let page = this.page(runId, fromSeq); page.length > 0; page = this.page(runId, check.seq + 1)) {
      for (const row of page) {
        this.minding(runId, () => check.follow(row));
        yield entryOf(runId, row);
      }
    }
    this.minding(runId, () => check.end(run.row));
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

  private page(runId: string, fromSeq: number, limit = PAGE_OF_ENTRIES): readonly EntryRow[] {
    const rows = () => this.sql.entries.all(runId, fromSeq, limit) as unknown as EntryRow[];
    return reading(() => this.minding(runId, () => readable(runId, rows)));
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
