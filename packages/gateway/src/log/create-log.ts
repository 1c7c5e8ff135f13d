import { pino } from 'pino';
import type { Clock } from '@paceline/resilience';
import { openDestination } from './open-destination.ts';
import type { Redactor } from '../redact.ts';
import type { Log, LogConfig, LogLevel } from './contract.ts';

export interface LogParts {
  readonly clock: Clock;
  readonly redactor: Redactor;
}

/** @throws Error if its file cannot be written */
export function createLog({ level = 'info', to = 'stderr' }: LogConfig, { clock, redactor }: LogParts): Log {
  const destination = openDestination(to, { clock, droppedLine });
  let isOpen = true;
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: () => `,"time":${clock.epochMs()}`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, { write: (line) => destination.write(line) });

  /** Made like every other line, though not sent after them. */
  function droppedLine(lines: number): string {
    let made = '';
    pino(options, { write: (line) => void (made = line) }).warn({ event: 'log-drop', lines });
    return made;
  }
  return {
    hears: (asked) => isOpen && logger.isLevelEnabled(asked),
    write(at: LogLevel, fields) {
      if (!isOpen) return;
      try {
        logger[at](redactor.value(fields));
      } catch {
        // A field has no JSON: the call goes on, and the line is lost.
      }
    },
    async close() {
      isOpen = false;
      await destination.close();
    },
  };
}
