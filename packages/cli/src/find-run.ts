import type { JournalStore, RunSummary } from 'paceline';
import { CliError } from './errors.ts';
import { printable } from './output/text.ts';

/** Names that are offered for one that is unknown. */
const OFFERED = 3;

/** Typing mistakes that still look like the name. */
const CLOSE = 2;

/** The beginning of a name has to be this long: shorter ones are hit by chance. */
const SHORTEST_BEGINNING = 4;

/** Runs among which those that may have been meant are looked for: the latest. */
const LOOKED_AT = 1_000;

/**
 * @param runId a run's id, or the beginning of one
 * @throws CliError `RUN_UNKNOWN`, offering those that may have been meant
 */
export async function findRun(journal: JournalStore, runId: string): Promise<RunSummary> {
  const begun = await journal.list({ idPrefix: runId });
  const exact = begun.find((run) => run.runId === runId);
  if (exact !== undefined) return exact;
  // The ids of child runs begin like that of the run they belong to.
  const own = begun.filter(({ parentRunId }) => parentRunId === undefined);
  const [only, ...others] = runId.length < SHORTEST_BEGINNING ? [] : own.length > 0 ? own : begun;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) throw ambiguous(runId, [only, ...others]);
  const recent = (await journal.list({ newestFirst: true, limit: LOOKED_AT })).map((run) => run.runId);
  const alike = recent.filter((each) => isAlike(each, runId)).slice(0, OFFERED);
  const offer =
    alike.length > 0 ? `Did you mean ${listed(alike)}?` : `Latest: ${listed(recent.slice(0, OFFERED))}.`;
  throw new CliError(
    'RUN_UNKNOWN',
    `The journal has no run ${printable(runId)}. ${recent.length === 0 ? 'It is empty.' : offer}`,
  );
}

function ambiguous(typed: string, runs: readonly RunSummary[]): CliError {
  const names = runs.slice(0, OFFERED).map((run) => run.runId);
  const more = runs.length > OFFERED ? ', ...' : '';
  return new CliError(
    'RUN_UNKNOWN',
    `${runs.length} runs begin with ${printable(typed)}: ${listed(names)}${more}. Type more of it.`,
  );
}

function listed(runIds: readonly string[]): string {
  return runIds.map(printable).join(', ');
}

/** A part of the name, or the name with a mistake or two. */
function isAlike(runId: string, typed: string): boolean {
  if (typed.length >= 3 && runId.includes(typed)) return true;
  return Math.abs(runId.length - typed.length) <= CLOSE && editDistance(runId, typed) <= CLOSE;
}

/** Levenshtein distance, row by row. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (const [at, char] of [...left].entries()) {
    const next = [at + 1];
    for (let to = 0; to < right.length; to++) {
      const replaced = (row[to] ?? 0) + (char === right[to] ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
