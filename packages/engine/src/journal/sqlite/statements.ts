import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { FORGOTTEN } from './anchor.ts';
import type { Place } from './anchor.ts';
import { BASE_PREFIX } from './split-state.ts';

/** Where a row says under which hash its base is kept. */
const BASE_HASH = `unhex(substr(state, ${BASE_PREFIX.length + 1}, 64))`;

type Prepare = (sql: string) => StatementSync;

/** Every statement of the journal, compiled once per connection. */
export function prepareStatements(db: DatabaseSync) {
  const of: Prepare = (sql) => db.prepare(sql);
  return {
    insertRun: of(
      'INSERT INTO run (run_id, workflow_id, started_epoch_ms, parent_run_id, start) VALUES (?, ?, ?, ?, ?) ON CONFLICT (run_id) DO NOTHING',
    ),
    insertState: of(
      'INSERT INTO state (run, seq, epoch, owner, status, ended_epoch_ms, state) VALUES (?, ?, 1, ?, ?, ?, ?)',
    ),
    /** Nothing that an index holds: a run that goes on costs one page. */
    advanceState: of('UPDATE state SET seq = ?1, state = ?2 WHERE run = ?3 AND epoch = ?4 AND seq = ?1 - 1'),
    endState: of('UPDATE state SET status = ?, ended_epoch_ms = ? WHERE run = ?'),
    takeOver: of('UPDATE state SET epoch = epoch + 1, owner = ? WHERE run = ? RETURNING epoch'),
    /** No owner has the number 0. */
    release: of(
      'UPDATE state SET owner = 0 WHERE run = (SELECT run FROM run WHERE run_id = ?) AND epoch = ? AND owner = ?',
    ),
    insertEntry: of(
      'INSERT INTO entry (run, seq, at_epoch_ms, event, state_sum, chain) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    insertPayload: of('INSERT OR IGNORE INTO payload (hash, text) VALUES (?, ?)'),
    insertShape: of('INSERT OR IGNORE INTO workflow (hash, shape) VALUES (?, ?)'),
    shape: of('SELECT shape FROM workflow WHERE hash = ?'),
    /** What a commit needs to know. */
    place: of(
      'SELECT run, seq, chain FROM run JOIN state USING (run) JOIN entry USING (run, seq) WHERE run_id = ?',
    ),
    /** What a recovery reads: constant work, however long the run. */
    whole: of(`
      SELECT run.run, run_id, workflow_id, started_epoch_ms, coalesce(p.text, start) AS start,
        state.seq, epoch, owner, status, state,
        (SELECT text FROM payload WHERE state LIKE '${BASE_PREFIX}%' AND hash = ${BASE_HASH}) AS base,
        first.at_epoch_ms AS first_at, coalesce(q.text, first.event) AS first_event, first.state_sum AS first_sum,
        first.chain AS first_chain, before_last.chain AS chain_before_last,
        last.at_epoch_ms AS last_at, coalesce(r.text, last.event) AS last_event, last.state_sum AS last_sum, last.chain,
        EXISTS (SELECT 1 FROM entry WHERE entry.run = run.run AND entry.seq = state.seq + 1) AS goes_on
      FROM run LEFT JOIN state USING (run) LEFT JOIN entry first ON first.run = run.run AND first.seq = 1
        LEFT JOIN entry before_last ON before_last.run = run.run AND before_last.seq = state.seq - 1
        LEFT JOIN entry last ON last.run = run.run AND last.seq = state.seq
        LEFT JOIN payload p ON p.hash = start LEFT JOIN payload q ON q.hash = first.event
        LEFT JOIN payload r ON r.hash = last.event
      WHERE run_id = ?`),
    entries: of(`
      SELECT entry.seq, at_epoch_ms AS at, coalesce(text, event) AS event, state_sum AS stateSum, chain
      FROM entry JOIN run USING (run) LEFT JOIN payload ON hash = event
      WHERE run_id = ? AND entry.seq >= ? ORDER BY entry.seq LIMIT ?`),
    furthest: of('SELECT seq, chain FROM state LEFT JOIN entry USING (run, seq) WHERE run = ?'),
    quarantine: of('INSERT OR IGNORE INTO quarantine (run, reason, at_epoch_ms) VALUES (?, ?, ?)'),
    quarantined: of(
      'SELECT run, run_id AS runId, reason FROM quarantine LEFT JOIN run USING (run) ORDER BY run',
    ),
    quarantineNamed: of(
      'INSERT OR IGNORE INTO quarantine (run, reason, at_epoch_ms) SELECT run, ?, ? FROM run WHERE run_id = ?',
    ),
    isQuarantined: of('SELECT reason FROM quarantine JOIN run USING (run) WHERE run_id = ?'),
    ...ownerStatements(of),
    ...retentionStatements(of),
  };
}

function retentionStatements(of: Prepare) {
  return {
    /** Child runs are kept as long as their parent may ask how they ended. */
    endedBefore: of(`
      SELECT run FROM state JOIN run USING (run) WHERE ended_epoch_ms < ? AND NOT EXISTS (
        SELECT 1 FROM run AS parent JOIN state AS its ON its.run = parent.run
        WHERE parent.run_id = run.parent_run_id AND its.status = 'running')
      ORDER BY ended_epoch_ms LIMIT ?`),
    deleteEntries: of('DELETE FROM entry WHERE run = ?'),
    deleteState: of('DELETE FROM state WHERE run = ?'),
    deleteRun: of('DELETE FROM run WHERE run = ?'),
    checkpoint: of('PRAGMA wal_checkpoint(TRUNCATE)'),
    deleteOrphans: of(
      `DELETE FROM payload WHERE hash NOT IN (
        SELECT start FROM run WHERE typeof(start) = 'blob' UNION ALL
        SELECT event FROM entry WHERE typeof(event) = 'blob' UNION ALL
        SELECT ${BASE_HASH} FROM state WHERE state LIKE '${BASE_PREFIX}%')`,
    ),
  };
}

function ownerStatements(of: Prepare) {
  return {
    insertOwner: of(
      'INSERT INTO owner (pid, born_epoch_ms, host, lease_until_epoch_ms) VALUES (?, ?, ?, ?) RETURNING owner',
    ),
    renewOwner: of('UPDATE owner SET lease_until_epoch_ms = ? WHERE owner = ?'),
    deleteOwner: of('DELETE FROM owner WHERE owner = ?'),
    deleteDeadOwners: of('DELETE FROM owner WHERE lease_until_epoch_ms < ?'),
    owner: of(
      'SELECT pid, born_epoch_ms AS bornEpochMs, host, lease_until_epoch_ms AS leaseUntilEpochMs FROM owner WHERE owner = ?',
    ),
  };
}

export type Statements = ReturnType<typeof prepareStatements>;

/** Runs forgotten in one transaction. */
export const PAGE_OF_RUNS = 200;

/** Within the open transaction: forgets a page of the runs that ended before a moment of wall time. @returns their places */
export function forgetRuns(endedBeforeEpochMs: number, sql: Statements): readonly Place[] {
  const rows = sql.endedBefore.all(endedBeforeEpochMs, PAGE_OF_RUNS) as { run: number }[];
  return rows.map(({ run }) => {
    for (const statement of [sql.deleteEntries, sql.deleteState, sql.deleteRun]) statement.run(run);
    return { run, seq: FORGOTTEN, chain: '' };
  });
}
