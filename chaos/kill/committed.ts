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

/** A run's entries stand as lines of text, each a moment, a sum and an event: the latest in the run's row, earlier ones in segments. */
function* keysFrom(db: DatabaseSync, run: number): Generator<string> {
  const texts = `
    SELECT tail AS entries FROM state WHERE run >= ?1
    UNION ALL
    SELECT entries FROM segment WHERE run >= ?1`;
  for (const { entries } of db.prepare(texts).iterate(run)) {
    for (const line of String(entries).trimEnd().split('\n')) {
      const key = keyOf(JSON.parse(line.slice(line.indexOf('{'))) as Completion);
      if (key !== undefined) yield key;
    }
  }
}

interface Completion {
  readonly type: string;
  readonly output?: { readonly key?: string } | null;
  readonly progress?: Completion;
}

/** Of a step's output, or of an item's. */
function keyOf({ type, output, progress }: Completion): string | undefined {
  if (type === 'step-done' || type === 'item-end') return output?.key;
  return progress && keyOf(progress);
}
