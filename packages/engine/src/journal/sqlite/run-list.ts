import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { RunSummary } from '../../run/record.ts';
import type { RunFilter } from '../store.ts';
import { reading } from './damage.ts';

/** Beyond every text that begins with a prefix, in SQLite's order: no character comes after it. */
const LAST_CHARACTER = '\u{10ffff}';

interface SummaryRow extends Omit<RunSummary, 'parentRunId'> {
  readonly parentRunId: string | null;
}

/** Lists runs by what a filter asks for, and reads no others where an index can tell them apart. */
export class RunList {
  private readonly db: DatabaseSync;
  /** One for each set of conditions. */
  private readonly statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.db = db;
  }

  /** @throws EngineError `JOURNAL_FAILED` where the disk lets nothing be read */
  read(filter: RunFilter): readonly RunSummary[] {
    const { newestFirst = false, limit = Number.POSITIVE_INFINITY } = filter;
    const conditions = conditionsOf(filter);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
    const sql = `
      SELECT run AS position, run_id AS runId, workflow_id AS workflowId, status, seq, started_epoch_ms AS startedEpochMs,
        parent_run_id AS parentRunId
      FROM run JOIN state USING (run) ${where} ORDER BY run ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`;
    // SQLite's own "no limit" is -1.
    const values = [...conditions.flatMap((each) => each.values), Number.isFinite(limit) ? limit : -1];
    return reading(() => this.statement(sql).all(...values) as unknown as SummaryRow[]).map(summaryOf);
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql) ?? this.db.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

function conditionsOf(filter: RunFilter): readonly Condition[] {
  const {
    unfinished = false,
    status,
    workflowId,
    idPrefix,
    parentRunId,
    newestFirst = false,
    beyond,
  } = filter;
  return [
    unfinished && when('ended_epoch_ms IS NULL AND run NOT IN (SELECT run FROM quarantine)'),
    status === 'running' && when('ended_epoch_ms IS NULL'),
    status !== undefined && when('status = ?', status),
    workflowId !== undefined && when('workflow_id = ?', workflowId),
    idPrefix !== undefined && when('run_id BETWEEN ? AND ?', idPrefix, idPrefix + LAST_CHARACTER),
    // `= NULL` would be true of nothing, and `IS ?` would use no index.
    parentRunId === null && when('parent_run_id IS NULL'),
    typeof parentRunId === 'string' && when('parent_run_id = ?', parentRunId),
    beyond !== undefined && when(newestFirst ? 'run < ?' : 'run > ?', beyond),
  ].filter((condition) => condition !== false);
}

function when(sql: string, ...values: readonly SQLInputValue[]): Condition {
  return { sql, values };
}

function summaryOf({ parentRunId, ...summary }: SummaryRow): RunSummary {
  return parentRunId === null ? summary : { ...summary, parentRunId };
}
