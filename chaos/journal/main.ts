import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@paceline/resilience';
import { seededCommand } from '../seeded-command.ts';
import { jumpClocks } from './clocks.ts';
import { mutate } from './damage.ts';
import { fillDisk, lockOut } from './full-disk.ts';
import { failEach } from './nth.ts';
import { stopOwners } from './owners.ts';
import { reportText, shortfalls } from './report.ts';
import type { JournalReport } from './report.ts';

const MUTATIONS = { whole: 1_000, quick: 100 } as const;
const STOPS = { whole: 40, quick: 10 } as const;

const USAGE = `Usage: pnpm chaos journal [--seed N] [--quick] [--json]

Breaks the SQLite journal under durable runs: each of its operations fails (busy, I/O error, full disk), its files are
mutated, the disk is full for half a minute, another process holds the lock, an owner is stopped for a minute and goes on,
the wall clock jumps an hour or a day either way.

  --seed   of the mutations (default 1)
  --quick  one kind of failing operation, ${MUTATIONS.quick} mutations instead of ${MUTATIONS.whole}
  --json   one line of JSON instead of the report

Progress goes to standard error. Exits 1 when a promise is broken or nothing was shown, 2 on wrong usage.`;

/** `pnpm chaos journal`. */
export const journal = seededCommand<JournalReport>({ usage: USAGE, measure, shortfalls, text: reportText });

async function measure(seed: number, quick: boolean): Promise<JournalReport> {
  const folder = mkdtempSync(join(tmpdir(), 'paceline-journal-'));
  const size = quick ? 'quick' : 'whole';
  let unhandledRejections = 0;
  const count = (): void => void unhandledRejections++;
  process.on('unhandledRejection', count);
  try {
    progress('the wall clock jumps');
    const clocks = await jumpClocks(folder);
    progress('an owner is stopped');
    const owners = await stopOwners(folder, STOPS[size]);
    progress('the disk is full, and another one has the lock');
    const fullDisk = await fillDisk(join(folder, 'full.db'));
    const lockedOut = await lockOut(join(folder, 'locked.db'));
    progress('files are mutated');
    const damage = await mutate(folder, MUTATIONS[size], seededRandom(seed));
    progress('each operation fails');
    const nth = await failEach(folder, quick ? ['SQLITE_FULL'] : undefined);
    return { seed, nth, damage, fullDisk, lockedOut, owners, clocks, unhandledRejections };
  } finally {
    process.off('unhandledRejection', count);
    rmSync(folder, { recursive: true });
  }
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
