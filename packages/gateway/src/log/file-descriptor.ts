import { write, writeSync } from 'node:fs';
import { sleep } from '@paceline/resilience';
import type { Clock } from '@paceline/resilience';
import type { SlowSink } from './destination.ts';

/** How long a pipe is left alone that is full. */
const FULL_PIPE_MS = 50;

/** An open file, such as standard error. Not through `process.stderr`, which waits for a reader who does not read. */
export function fileDescriptor(fd: number, clock: Clock): SlowSink {
  return {
    async append(text) {
      let left = Buffer.from(text);
      while (left.length > 0) {
        const written = await writeSome(fd, left);
        if (written === 0) await sleep(clock, FULL_PIPE_MS, NEVER);
        left = left.subarray(written);
      }
    },
    appendNow: (text) => void writeSync(fd, text),
  };
}

const NEVER = new AbortController().signal;

/** @returns how many bytes were taken; 0: none for now */
function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => {
      if (error === null) resolve(written);
      else if (error.code === 'EAGAIN') resolve(0);
      else reject(error);
    });
  });
}
