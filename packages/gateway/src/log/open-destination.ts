import { bufferedDestination } from './buffered.ts';
import { dailyFile } from './daily-file.ts';
import { MOST_WAITING } from './destination.ts';
import { fileDescriptor } from './file-descriptor.ts';
import type { LogConfig, LogStream } from './contract.ts';
import type { Destination, DestinationParts } from './destination.ts';

const STANDARD = { stdout: 1, stderr: 2 } as const;

/** @throws Error if the file cannot be written */
export function openDestination(to: NonNullable<LogConfig['to']>, parts: DestinationParts): Destination {
  if (typeof to === 'string') return bufferedDestination(fileDescriptor(STANDARD[to], parts.clock), parts);
  return 'file' in to ? bufferedDestination(dailyFile(to, parts.clock), parts) : streamDestination(to, parts);
}

function streamDestination(stream: LogStream, { droppedLine }: DestinationParts): Destination {
  let dropped = 0;
  // Without a listener its error would end the process; its owner has one of their own.
  stream.on?.('error', () => {});
  return {
    write(line) {
      if ((stream.writableLength ?? 0) >= MOST_WAITING) {
        dropped++;
        return;
      }
      try {
        if (dropped > 0) stream.write(droppedLine(dropped));
        dropped = 0;
        stream.write(line);
      } catch {
        dropped++;
      }
    },
    close: async () => {},
  };
}
