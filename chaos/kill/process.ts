import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Job, Message } from './message.ts';

/** A worker, and how to be rid of it. */
export interface Worker {
  /** When it is gone and all it had said is heard. @throws Error if it failed by itself */
  readonly gone: Promise<void>;
  kill(): void;
}

/**
 * Starts a worker on a job.
 * @param hear told each message in order; half a line, cut by the kill, is not one
 * @param through a command that starts the worker, e.g. a tracer with its arguments
 */
export function startWorker(
  job: Job,
  hear: (message: Message) => void,
  through: readonly string[] = [],
): Worker {
  const node = [process.execPath, join(import.meta.dirname, 'worker.ts'), JSON.stringify(job)];
  const [command = '', ...args] = [...through, ...node];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let killed = false;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (line.endsWith('}')) hear(JSON.parse(line) as Message);
  });
  const gone = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    // After the exit and after the last byte of its output.
    child.on('close', (code) => {
      if (killed || code === 0) resolve();
      else reject(new Error(`A worker failed by itself, with exit code ${code}.`));
    });
  });
  return {
    gone,
    kill: () => {
      killed = true;
      child.kill('SIGKILL');
    },
  };
}
