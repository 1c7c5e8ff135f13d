import type { JournalEntry, RunRecord, RunSummary } from '../../run/record.ts';
import type { RunFilter } from '../store.ts';
import type { DamagedRun } from './contract.ts';
import { ChainCheck, damaged, genesisOf, readable, reading, verifiedRecord } from './damage.ts';
import type { EntryRow, WholeRow } from './damage.ts';
import { entryOf } from './rows.ts';
import type { Statements } from './statements.ts';

/** Entries that one query reads; in between the event loop is free for others. */
const PAGE_OF_ENTRIES = 500;

/** Reads runs, and gives nothing out that is not what was written. */
export class RunReader {
  private readonly sql: Statements;

  constructor(sql: Statements) {
    this.sql = sql;
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
    const row = reading(() => this.row(runId));
    return row && verifiedRecord(row);
  }

  /** A run's entries, each checked against the one before it, and the last against the run's row. */
  *entries(runId: string, fromSeq: number): Generator<JournalEntry> {
    const run = reading(() => this.row(runId));
    if (run === undefined) return;
    const { workflowId, startedEpochMs } = verifiedRecord(run);
    const before =
      fromSeq > 1
        ? this.page(runId, fromSeq - 1, 1)[0]?.chain
        : genesisOf({ runId, workflowId, startedEpochMs, start: run.start });
    if (before === undefined) return;
    const check = new ChainCheck(run, { seq: fromSeq - 1, chain: before });
    for (let page = this.page(runId, fromSeq); page.length > 0; page = this.page(runId, check.seq + 1)) {
      for (const row of page) {
        check.follow(row);
        yield entryOf(runId, row);
      }
    }
    check.end(run);
  }

  list({ unfinished = false, limit = Number.POSITIVE_INFINITY }: RunFilter): readonly RunSummary[] {
    const statement = unfinished ? this.sql.listUnfinished : this.sql.list;
    // SQLite's own "no limit" is -1.
    return reading(() => statement.all(Number.isFinite(limit) ? limit : -1)).map(summaryOf);
  }

  damaged(): readonly DamagedRun[] {
    const rows = this.sql.quarantined.all() as unknown as readonly DamagedRun[];
    return rows.map(({ runId, reason }) => ({ runId, reason }));
  }

  private page(runId: string, fromSeq: number, limit = PAGE_OF_ENTRIES): readonly EntryRow[] {
    const rows = () => this.sql.entries.all(runId, fromSeq, limit) as unknown as EntryRow[];
    return reading(() => readable(runId, rows));
  }
}

function summaryOf(row: object): RunSummary {
  const { parentRunId, ...summary } = row as RunSummary & { readonly parentRunId: string | null };
  return parentRunId === null ? summary : { ...summary, parentRunId };
}
