import { systemClock, systemRandom } from '@paceline/resilience';
import type { Io } from './io.ts';
import { redactedSink } from './redacted-sink.ts';

/** The real process. */
export function processIo(): Io {
  // `paceline ... | head` closes our output while we write: that is the reader's right, not a crash.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  // Nobody reads the progress any more, which is no reason to lose the results.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: redactedSink(process.stderr, process.env),
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    random: systemRandom,
    onInterrupt(listener) {
      const interrupt = () => listener('interrupt');
      const terminate = () => listener('terminate');
      process.on('SIGINT', interrupt).on('SIGTERM', terminate);
      return () => {
        process.off('SIGINT', interrupt).off('SIGTERM', terminate);
      };
    },
    exit: (code) => process.exit(code),
  };
}
