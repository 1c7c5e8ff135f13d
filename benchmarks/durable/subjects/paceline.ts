import { sqliteJournal } from 'paceline';
import { pacelineChain } from '../../engine/subjects/paceline.ts';
import type { DurableSubject } from '../sample.ts';

/** All of the engine on its SQLite journal, nothing forgotten: besides its steps each run records its start. */
export function preparePacelineDurable(path: string): DurableSubject {
  const journal = sqliteJournal({ path });
  return { runChain: pacelineChain(journal), close: () => journal.close() };
}
