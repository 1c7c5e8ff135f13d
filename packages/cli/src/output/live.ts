import type { Timer } from '@paceline/resilience';
import { formatDuration } from '../duration.ts';
import { widthOf } from '../io.ts';
import type { Io } from '../io.ts';
import type { Progress } from './progress.ts';
import type { Style } from './style.ts';
import { bar, costLine, stepTable } from './tables.ts';
import type { Watch } from './watch.ts';

/** Often enough to look alive, seldom enough to cost nothing. */
const REPAINT_MS = 125;

const ESCAPE = '\u001B';

/** A colour code, or one visible character. */
const PART = new RegExp(`${ESCAPE}\\[\\d+m|.`, 'gu');

/** A block at the foot of the terminal that repaints itself; notes go above it. */
export function liveProgress(watch: Watch, style: Style, io: Io): Progress {
  let painted = 0;
  let closed = false;
  const erase = (): string => (painted === 0 ? '' : `${ESCAPE}[${painted}F${ESCAPE}[0J`);
  const paint = (above = ''): void => {
    // A line wider than the terminal would wrap and the next repaint would begin too low.
    const lines = liveLines(watch, style).map((line) => clip(line, widthOf(io.stderr, 80) - 1));
    io.stderr.write(`${erase()}${above}${lines.join('\n')}\n`);
    painted = lines.length;
  };
  const timer: Timer = io.clock.setTimer(0, () => {
    paint();
    timer.reset(REPAINT_MS);
  });
  return {
    note(line) {
      if (closed) io.stderr.write(`${line}\n`);
      else paint(`${line}\n`);
    },
    close() {
      closed = true;
      timer.cancel();
      io.stderr.write(erase());
    },
  };
}

/** What the block shows now. */
export function liveLines(watch: Watch, style: Style): readonly string[] {
  const { counts, total, running, waiting } = watch;
  const known = Number.isFinite(total);
  const open = watch.openBreakers();
  return [
    [
      ...(known ? [style.cyan(bar(counts.runs / Math.max(1, total)))] : []),
      style.bold(known ? `${counts.runs}/${total}` : `${counts.runs} done`),
      `${running} running`,
      ...(waiting > 0 ? [style.yellow(`${waiting} waiting for people`)] : []),
      formatDuration(watch.elapsedMs()),
    ].join('  '),
    [
      style.green(`${counts.succeeded} succeeded`),
      counts.degraded > 0 ? style.yellow(`${counts.degraded} degraded`) : '0 degraded',
      counts.failed > 0 ? style.red(`${counts.failed} failed`) : '0 failed',
    ].join('  '),
    '',
    ...stepTable(watch.steps, style),
    '',
    `attempts ${watch.attempts}   failovers ${watch.failovers}   retries ${watch.retries}`,
    costLine(watch.usdByProvider, watch.unpriced),
    ...(open.length > 0 ? [style.yellow(`left alone for now: ${open.join(', ')}`)] : []),
  ];
}

/** Cuts to `width` visible characters; colour codes take no room and are kept whole. */
export function clip(line: string, width: number): string {
  let room = width;
  return line.replace(PART, (part) => (part.startsWith(ESCAPE) || room-- > 0 ? part : ''));
}
