import type { Timer } from '@paceline/resilience';
import { formatDuration } from '../duration.ts';
import type { Io } from '../io.ts';
import type { Progress } from './progress.ts';
import { formatUsd } from './tables.ts';
import type { Watch } from './watch.ts';

const EVERY_MS = 3_000;

/** One line every few seconds, for logs and pipes. @param atEnd also one at the end */
export function plainProgress(watch: Watch, io: Io, atEnd: boolean): Progress {
  const note = (line: string): void => void io.stderr.write(`${line}\n`);
  const timer: Timer = io.clock.setTimer(EVERY_MS, () => {
    note(progressLine(watch));
    timer.reset(EVERY_MS);
  });
  return {
    note,
    close() {
      timer.cancel();
      if (atEnd) note(progressLine(watch));
    },
  };
}

function progressLine(watch: Watch): string {
  const { counts, total, running, waiting, failovers, retries } = watch;
  const usd = [...watch.usdByProvider.values()].reduce((sum, part) => sum + part, 0);
  return [
    formatDuration(watch.elapsedMs()),
    `${counts.runs}${Number.isFinite(total) ? `/${total}` : ''} done`,
    `${running} running`,
    ...(waiting > 0 ? [`${waiting} waiting for people`] : []),
    `${counts.degraded} degraded`,
    `${counts.failed} failed`,
    `${failovers} failovers`,
    `${retries} retries`,
    formatUsd(usd),
  ].join('  ');
}
