import type { SqliteJournal } from 'paceline';
import type { Io } from '../io.ts';
import { formatMoment } from '../moment.ts';
import { jsonText } from '../output/text.ts';

export interface PruneRunsOptions {
  /** How long ago they ended at least, in milliseconds. */
  readonly ageMs: number;
  /** False: they are only counted. */
  readonly forget: boolean;
  readonly json: boolean;
}

/** Forgets runs that ended long ago, or tells how many there are. */
export async function pruneRuns(journal: SqliteJournal, options: PruneRunsOptions, io: Io): Promise<void> {
  const { ageMs, forget, json } = options;
  const endedBeforeEpochMs = io.clock.epochMs() - ageMs;
  const runs = await journal.prune(endedBeforeEpochMs, { dryRun: !forget });
  const endedBefore = formatMoment(endedBeforeEpochMs);
  const fate = forget ? ', forgotten.' : '. --yes forgets them.';
  const line = `Runs that ended before ${endedBefore}: ${runs}${fate}`;
  io.stdout.write(`${json ? jsonText({ runs, endedBefore, forgotten: forget }) : line}\n`);
}
