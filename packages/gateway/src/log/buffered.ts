import { MOST_WAITING } from './destination.ts';
import type { Destination, DestinationParts, SlowSink } from './destination.ts';

const LONGEST_FLUSH_MS = 1_000;

/** What stands still unwritten where a process ends of itself. One listener serves all. */
const unwritten = new Set<() => void>();

function onExit(): void {
  for (const write of unwritten) write();
}

/** Lines wait here while the ones before them are written, all that wait in one piece. */
export function bufferedDestination(sink: SlowSink, { clock, droppedLine }: DestinationParts): Destination {
  let waiting: string[] = [];
  let chars = 0;
  let dropped = 0;
  let writing: Promise<void> | undefined;
  let isBroken = false;

  const take = (): string => {
    const lines = dropped > 0 ? [droppedLine(dropped), ...waiting] : waiting;
    waiting = [];
    return lines.join('');
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const [lines, before, size] = [waiting.length, dropped, chars];
      const text = take();
      try {
        await sink.append(text);
        dropped -= before;
        isBroken = false;
      } catch (error) {
        dropped += lines;
        if (!isBroken) warn(error);
        isBroken = true;
      }
      chars -= size;
    }
    writing = undefined;
  };
  const writeRest = (): void => {
    if (waiting.length === 0) return;
    try {
      sink.appendNow(take());
    } catch {
      // The process ends, and nobody is left to hear of it.
    }
  };
  if (unwritten.size === 0) process.on('exit', onExit);
  unwritten.add(writeRest);
  return {
    write(line) {
      if (chars >= MOST_WAITING) {
        dropped++;
        return;
      }
      waiting.push(line);
      chars += line.length;
      writing ??= drain();
    },
    async close() {
      await shortly(writing, clock);
      unwritten.delete(writeRest);
      if (unwritten.size === 0) process.off('exit', onExit);
    },
  };
}

/** Waits, though not for long. */
function shortly(writing: Promise<void> | undefined, clock: DestinationParts['clock']): Promise<void> {
  return new Promise((resolve) => {
    const patience = clock.setTimer(LONGEST_FLUSH_MS, resolve);
    void Promise.resolve(writing).then(() => {
      patience.cancel();
      resolve();
    });
  });
}

function warn(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  process.emitWarning(`The log cannot be written (${code}): its lines are dropped until it can.`);
}
