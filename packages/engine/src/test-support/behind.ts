import { DatabaseSync } from 'node:sqlite';

/** Looks at a journal's file, or harms it, behind the journal's back. */
export function behind<T>(path: string, act: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path);
  try {
    return act(db);
  } finally {
    db.close();
  }
}
