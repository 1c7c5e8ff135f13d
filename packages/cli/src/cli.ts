import { createRequire } from 'node:module';
import { Command } from 'commander';
import type { CommanderError } from 'commander';
import { isEngineError } from 'paceline';
import { addCommands } from './commands/all.ts';
import { CLI_ERRORS, isCliError, stackOf } from './errors.ts';
import { widthOf } from './io.ts';
import type { Io } from './io.ts';
import { printable } from './output/text.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

const HELP = `
Examples:
  $ paceline run support.ts --input '{"text": "Where is my refund?"}'
  $ paceline run support.ts --input-file tickets.jsonl --concurrency 16
  $ paceline run support.ts --input-file tickets.jsonl --journal runs.db
  $ paceline check support.ts
  $ paceline resume support.ts --all --journal runs.db
  $ paceline runs list --journal runs.db
  $ paceline cost --since 7d --by model
  $ paceline models --role reason
  $ paceline sim --scenario everyday

\`paceline <command> --help\` tells more about each command.`;

/**
 * The `paceline` command.
 * @param argv without the program's own name
 * @returns the exit code: 0 all well, 1 some runs failed, 2 it could not begin, 130 interrupted, 143 ended by SIGTERM
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const finish = (code: number): void => void (exitCode = code);
  const program = new Command('paceline')
    .description('Runs agent chains: workflows in which model calls follow one another to finish one task.')
    .version(version)
    .showHelpAfterError('(--help tells how)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => widthOf(io.stdout, 110),
      getErrHelpWidth: () => widthOf(io.stderr, 110),
    })
    .addHelpText('after', HELP);
  addCommands(program, io, finish);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

function exitCodeOf(error: unknown, io: Io): number {
  // commander has already printed its message, or the help that was asked for.
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : CLI_ERRORS.USAGE.exitCode;
  if (isCliError(error)) {
    io.stderr.write(`paceline: ${error.message}\n`);
    return CLI_ERRORS[error.code].exitCode;
  }
  if (isEngineError(error)) {
    io.stderr.write(`paceline: ${error.code}: ${printable(error.message)}\n`);
    return 1;
  }
  io.stderr.write(`paceline: unexpected error\n${stackOf(error)}\n`);
  return 1;
}

function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
