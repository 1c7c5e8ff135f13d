import { DatabaseSync } from 'node:sqlite';

/**
 * Reads the journal's file past Paceline, as a crash has left it: which deeds have their completion recorded. It can only
 * read, so it brings nothing from the log into the file and leaves to the next worker whatever recovery there is to do.
 */
export class CommittedDeeds {
  private readonly path: string;
  /** Runs before it had ended at the last look. */
  private fromRun = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Keys of all completions that the last look may not have seen. */
  *sinceLastLook(): Generator<string> {
    const db = new DatabaseSync(this.path, { readOnly: true });
    try {
      yield* keysFrom(db, this.fromRun);
      const unended = "SELECT min(run) AS first FROM state WHERE status = 'running'";
      const { first } = db.prepare(unended).get() as { first: number | null };
      if (first !== null) this.fromRun = first;
    } finally {
      db.close();
    }
  }

  all(): ReadonlySet<string> {
    const db = new DatabaseSync(this.path, { readOnly: true });
    try {
      return new Set(keysFrom(db, 0));
    } finally {
      db.close();
    }
  }
}

function* keysFrom(db: DatabaseSync, run: number): Generator<string> {
  const completions = `
    SELECT event ->> '$.output.key' AS key FROM entry
    WHERE run >= ?1 AND event ->> '$.type' = 'step-done' AND key IS NOT NULL
    UNION ALL
    SELECT event ->> '$.progress.output.key' AS key FROM entry
    WHERE run >= ?1 AND event ->> '$.progress.type' = 'item-end'`;
  for (const { key } of db.prepare(completions).iterate(run)) yield key as string;
}
