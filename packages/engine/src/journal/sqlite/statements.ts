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
      'INSERT INTO state (run, seq, epoch, owner, status, ended_epoch_ms, chain, state, tail) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)',
    ),
    advance: advanceStatements(of, 'tail || ?5'),
    /** The entries so far have been sealed. */
    advanceSealed: advanceStatements(of, '?5'),
    /** Before the entry of this number: those that stand in the row become a segment. */
    seal: of(`
      INSERT INTO segment (run, last_seq, chain, entries)
      SELECT run, seq, chain, tail FROM state WHERE run = ?2 AND epoch = ?3 AND seq = ?1 - 1`),
    takeOver: of('UPDATE state SET epoch = epoch + 1, owner = ? WHERE run = ? RETURNING epoch'),
    /** No owner has the number 0. */
    release: of(
      'UPDATE state SET owner = 0 WHERE run = (SELECT run FROM run WHERE run_id = ?) AND epoch = ? AND owner = ?',
    ),
    insertPayload: of('INSERT OR IGNORE INTO payload (hash, text) VALUES (?, ?)'),
    payload: of('SELECT text FROM payload WHERE hash = ?'),
    insertUse: of('INSERT OR IGNORE INTO entry_payload (run, hash) VALUES (?, ?)'),
    insertShape: of('INSERT OR IGNORE INTO workflow (hash, shape) VALUES (?, ?)'),
    shape: of('SELECT shape FROM workflow WHERE hash = ?'),
    /** What a commit needs to know. */
    place: of(
      'SELECT run, seq, chain, length(tail) AS tail FROM run JOIN state USING (run) WHERE run_id = ?',
    ),
    /** What a recovery reads: constant work, however long the run. */
    whole: of(`
      SELECT run.run, run_id, workflow_id, started_epoch_ms, coalesce(text, start) AS start,
        state.seq, epoch, owner, status, state, state.chain, tail,
        (SELECT text FROM payload WHERE state LIKE '${BASE_PREFIX}%' AND hash = ${BASE_HASH}) AS base,
        first.last_seq AS first_seq, first.chain AS first_chain, first.entries AS first_entries,
        last.last_seq AS sealed_seq, last.chain AS sealed_chain
      FROM run LEFT JOIN state USING (run)
        LEFT JOIN segment first ON first.run = run.run
          AND first.last_seq = (SELECT min(last_seq) FROM segment WHERE segment.run = run.run)
        LEFT JOIN segment last ON last.run = run.run
          AND last.last_seq = (SELECT max(last_seq) FROM segment WHERE segment.run = run.run)
        LEFT JOIN payload ON hash = start
      WHERE run_id = ?`),
    segments: of(`
      SELECT last_seq AS seq, chain, entries FROM segment
      WHERE run = ? AND last_seq > ? AND last_seq <= ? ORDER BY last_seq LIMIT ?`),
    sealedBefore: of(`
      SELECT last_seq AS seq, chain FROM segment WHERE run = ? AND last_seq < ? ORDER BY last_seq DESC LIMIT 1`),
    furthest: of('SELECT seq, chain FROM state WHERE run = ?'),
    ...quarantineStatements(of),
    ...ownerStatements(of),
    ...retentionStatements(of),
  };
}

/** A run's next entry, under the fence of its owner. Of a run that goes on nothing changes that an index holds, so it costs one page. */
function advanceStatements(of: Prepare, tail: string) {
  const advance = `UPDATE state SET seq = ?1, state = ?2, chain = ?6, tail = ${tail}`;
  const fence = 'WHERE run = ?3 AND epoch = ?4 AND seq = ?1 - 1';
  return {
    goOn: of(`${advance} ${fence}`),
    end: of(`${advance}, status = ?7, ended_epoch_ms = ?8 ${fence}`),
  };
}

function quarantineStatements(of: Prepare) {
  return {
    quarantine: of('INSERT OR IGNORE INTO quarantine (run, reason, at_epoch_ms) VALUES (?, ?, ?)'),
    quarantined: of(
      'SELECT run, run_id AS runId, reason FROM quarantine LEFT JOIN run USING (run) ORDER BY run',
    ),
    quarantineNamed: of(
      'INSERT OR IGNORE INTO quarantine (run, reason, at_epoch_ms) SELECT run, ?, ? FROM run WHERE run_id = ?',
    ),
    isQuarantined: of('SELECT reason FROM quarantine JOIN run USING (run) WHERE run_id = ?'),
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
    deleteSegments: of('DELETE FROM segment WHERE run = ?'),
    deleteUses: of('DELETE FROM entry_payload WHERE run = ?'),
    deleteState: of('DELETE FROM state WHERE run = ?'),
    deleteRun: of('DELETE FROM run WHERE run = ?'),
    checkpoint: of('PRAGMA wal_checkpoint(TRUNCATE)'),
    deleteOrphans: of(
      `DELETE FROM payload WHERE hash NOT IN (
        SELECT start FROM run WHERE typeof(start) = 'blob' UNION ALL
        SELECT hash FROM entry_payload UNION ALL
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
    for (const statement of [sql.deleteSegments, sql.deleteUses, sql.deleteState, sql.deleteRun])
      statement.run(run);
    return { run, seq: FORGOTTEN, chain: '' };
  });
}
