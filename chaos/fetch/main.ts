import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededCommand } from '../seeded-command.ts';
import { failEach, FETCH_NAMES, JOURNAL_NAMES } from './nth.ts';
import { reportText, shortfalls } from './report.ts';
import type { FetchReport } from './report.ts';

const USAGE = `Usage: pnpm chaos fetch [--quick] [--json]

A durable chain of model steps with tools, through the real gateway and its adapters: each of its requests fails (refused, reset in the
middle of the answer, 500, never answered), the first, the second and so on until there is none left; once, and from then on for good.
Then each operation of its journal (busy, I/O error, full disk). Every run has to end or to be resumed to an end.

  --quick  one kind of failure each
  --json   one line of JSON instead of the report

Exits 1 when a promise is broken or nothing was shown, 2 on wrong usage.`;

/** `pnpm chaos fetch`. */
export const fetchFaults = seededCommand<FetchReport>({
  usage: USAGE,
  measure,
  shortfalls,
  text: reportText,
});

async function measure(_seed: number, quick: boolean): Promise<FetchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-fetch-'));
  let unhandledRejections = 0;
  const count = (): void => void unhandledRejections++;
  process.on('unhandledRejection', count);
  try {
    const kinds = (names: readonly string[]): readonly string[] => (quick ? names.slice(0, 1) : names);
    const fetch = await failEach(folder, { of: 'fetch', names: kinds(FETCH_NAMES) });
    const journal = await failEach(folder, { of: 'journal', names: kinds(JOURNAL_NAMES) });
    return { fetch, journal, unhandledRejections };
  } finally {
    process.off('unhandledRejection', count);
    rmSync(folder, { recursive: true });
  }
}
