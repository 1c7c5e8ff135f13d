import type { SqliteJournal } from 'paceline';
import type { Io } from '../io.ts';
import { formatMoment } from '../moment.ts';
import { jsonText } from '../output/text.ts';

export interface PruneSpendOptions {
  /** How long ago they ended at least, in milliseconds. */
  readonly ageMs: number;
  /** False: they are only counted. */
  readonly forget: boolean;
  readonly json: boolean;
}

/** Forgets what attempts cost that ended long ago, or tells how many there are. */
export async function pruneSpend(journal: SqliteJournal, options: PruneSpendOptions, io: Io): Promise<void> {
  const { ageMs, forget, json } = options;
  const endedBeforeEpochMs = io.clock.epochMs() - ageMs;
  const attempts = await journal.ledger.spend.prune(endedBeforeEpochMs, { dryRun: !forget });
  const endedBefore = formatMoment(endedBeforeEpochMs);
  const fate = forget ? ', forgotten.' : '. --yes forgets them.';
  const line = `Attempts that ended before ${endedBefore}: ${attempts}${fate}`;
  io.stdout.write(`${json ? jsonText({ attempts, endedBefore, forgotten: forget }) : line}\n`);
}
