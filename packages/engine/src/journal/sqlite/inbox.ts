import type { Clock } from '@paceline/resilience';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { hasHeard } from '../../run/heard.ts';
import type { RunMessage } from '../../run/message.ts';
import { mailboxFull, MAX_MESSAGES, messageText } from '../inbox.ts';
import type { Posted, PostResult } from '../inbox.ts';
import { INBOX } from './anchor.ts';
import type { Place } from './anchor.ts';
import type { SqliteJournalInbox } from './contract.ts';
import { isBroken, readable } from './damage.ts';
import type { RunReader } from './reader.ts';
import type { Ownership } from './owners.ts';
import { sealOf } from './seal.ts';

/** Between two looks at the file for what other processes wrote, in milliseconds. */
const LOOK_MS = 250;

/** Messages that one `collect` gives. */
const PAGE_OF_MESSAGES = 100;

const MESSAGE_TYPES: ReadonlySet<string> = new Set<RunMessage['type']>(['signal', 'answer', 'cancel']);

export interface SqliteInboxOptions {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly reader: RunReader;
  readonly owner: Pick<Ownership, 'id' | 'isAlive'>;
  /** Writes with the next group. */
  readonly write: <T>(apply: () => T) => Promise<T>;
  /** What the transaction now open is to note outside the database. */
  readonly note: (place: Place) => void;
  /** Damage that no message can be named for. */
  readonly report: (reason: string) => void;
}

interface MessageRow {
  readonly runId: string;
  readonly id: string;
  readonly text: string;
  readonly seal: string;
}

/** Messages in the journal's file: any process posts, the run's owner collects. */
export class SqliteInbox implements SqliteJournalInbox {
  private readonly options: SqliteInboxOptions;
  private readonly sql: ReturnType<typeof prepareInbox>;
  /** The file's version when nothing waited here; `null` when something may. */
  private emptyAt: number | null = null;
  private readonly watchers = new Set<() => void>();

  constructor(options: SqliteInboxOptions) {
    this.options = options;
    this.sql = prepareInbox(options.db);
  }

  async post(runId: string, message: RunMessage): Promise<PostResult> {
    const text = messageText(runId, message);
    const result = await this.options.write(() => this.insert(runId, message.id, text));
    this.emptyAt = null;
    if (result === 'posted') for (const onPost of this.watchers) onPost();
    return result;
  }

  async collect(runId?: string): Promise<readonly Posted[]> {
    if (runId !== undefined) return this.rows(this.sql.collectOf, runId).map(postedOf);
    // Before the rows: what comes in between is then looked for again.
    const version = this.fileVersion();
    const rows = this.rows(this.sql.collect, PAGE_OF_MESSAGES);
    this.emptyAt = rows.length === 0 ? version : null;
    return rows.map(postedOf);
  }

  async settle(runId: string, ids: readonly string[]): Promise<void> {
    await this.options.write(() => {
      for (const id of ids) this.sql.remove.run(runId, id);
    });
  }

  watch(onPost: () => void): () => void {
    const look = this.options.clock.setTimer(LOOK_MS, () => {
      look.reset(LOOK_MS);
      if (this.mayHaveNew()) onPost();
    });
    this.watchers.add(onPost);
    return () => {
      look.cancel();
      this.watchers.delete(onPost);
    };
  }

  waitingFor(runId: string): readonly string[] {
    return readable(runId, () => this.sql.waiting.all(runId)).map(({ id }) => id as string);
  }

  isAttended(runId: string): boolean {
    const row = this.options.reader.row(runId);
    return row?.status === 'running' && this.options.owner.isAlive(row.owner);
  }

  /** Within the open transaction: the run has ended. */
  forget(run: number): void {
    this.sql.forget.run(run);
  }

  /**
   * Messages that SQLite dropped with the end of its log.
   * @param furthest what was noted outside the database
   */
  findLoss(furthest: ReadonlyMap<number, Place>): string | undefined {
    const noted = furthest.get(INBOX)?.seq ?? 0;
    const { last } = this.sql.last.get() as { last: number };
    return noted > last ? `Messages to runs are gone: ${noted - last} of them.` : undefined;
  }

  /** Within the open transaction. */
  private insert(runId: string, id: string, text: string): PostResult {
    const found = this.options.reader.verified(runId);
    if (found === undefined) return 'unknown';
    const { row, record } = found;
    if (hasHeard(record, id) || this.sql.has.get(row.run, id) !== undefined) return 'repeated';
    if (record.status !== 'running') return 'ended';
    const { count } = this.sql.count.get(row.run) as { count: number };
    if (count >= MAX_MESSAGES) throw mailboxFull(runId);
    const seal = sealOf(runId, id, text);
    const { lastInsertRowid } = this.sql.insert.run(row.run, id, text, seal);
    this.options.note({ run: INBOX, seq: Number(lastInsertRowid), chain: seal });
    return 'posted';
  }

  private rows(statement: StatementSync, which: string | number): readonly MessageRow[] {
    const { owner, report } = this.options;
    try {
      return statement.all(owner.id, which) as unknown as MessageRow[];
    } catch (error) {
      if (!isBroken(error)) throw error;
      report('Messages to runs cannot be read.');
      return [];
    }
  }

  /** Asking for the version takes microseconds, and a file that nobody else wrote to has nothing new. */
  private mayHaveNew(): boolean {
    try {
      return this.emptyAt === null || this.emptyAt !== this.fileVersion();
    } catch {
      // The disk lets nothing be read just now; the next look asks again.
      return false;
    }
  }

  /** Changes whenever another connection has written. */
  private fileVersion(): number {
    return (this.sql.version.get() as { data_version: number }).data_version;
  }
}

function postedOf({ runId, id, text, seal }: MessageRow): Posted {
  if (sealOf(runId, id, text) !== seal) {
    return { runId, id, problem: 'It is not what was posted: the journal is damaged.' };
  }
  const message = JSON.parse(text) as RunMessage;
  if (MESSAGE_TYPES.has(message.type)) return { runId, id, message };
  return { runId, id, problem: `This version of paceline knows no \`${message.type}\`.` };
}

/** Every statement of the inbox, compiled once per connection. */
function prepareInbox(db: DatabaseSync) {
  const of = (sql: string): StatementSync => db.prepare(sql);
  return {
    version: of('PRAGMA data_version'),
    has: of('SELECT 1 FROM inbox WHERE run = ? AND id = ?'),
    count: of('SELECT count(*) AS count FROM inbox WHERE run = ?'),
    insert: of('INSERT INTO inbox (run, id, text, seal) VALUES (?, ?, ?, ?)'),
    collect: of(`
      SELECT run_id AS runId, id, text, inbox.seal FROM inbox JOIN state USING (run) JOIN run USING (run)
      WHERE owner = ? ORDER BY number LIMIT ?`),
    collectOf: of(`
      SELECT run_id AS runId, id, text, inbox.seal FROM inbox JOIN state USING (run) JOIN run USING (run)
      WHERE owner = ? AND run_id = ? ORDER BY number`),
    waiting: of('SELECT id FROM inbox JOIN run USING (run) WHERE run_id = ? ORDER BY number'),
    remove: of('DELETE FROM inbox WHERE run = (SELECT run FROM run WHERE run_id = ?) AND id = ?'),
    forget: of('DELETE FROM inbox WHERE run = ?'),
    last: of("SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = 'inbox'"),
  };
}
