import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { REPOSITORY_ROOT } from './workspace.ts';

export interface CommandResult {
  /** The process's exit code; 1 when a signal ended it. */
  readonly code: number;
  /** Standard output and standard error, in the order they arrived. */
  readonly output: string;
  readonly stdout: string;
  /** True when `limitMs` ran out and the process was killed. */
  readonly timedOut: boolean;
  readonly ms: number;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Kills the process and what it started after this long. @default no limit */
  readonly limitMs?: number;
}

/** The repository's own tools come first, as in a pnpm script, so that a direct `node scripts/check.ts` works too. */
const PATH = [join(REPOSITORY_ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);

/** Runs a program to its end without a shell and keeps what it prints. Rejects only if it cannot be started. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    // With a limit, a process group of its own: the kill has to reach the workers it started too.
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, PATH, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.limitMs !== undefined,
    });
    let output = '';
    let stdout = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const limit =
      options.limitMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
          }, options.limitMs);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code: code ?? 1, output, stdout, timedOut, ms: performance.now() - startedMs });
    });
  });
}
