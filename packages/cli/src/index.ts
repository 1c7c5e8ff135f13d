export { main } from './cli.ts';
export { CLI_ERRORS, CliError, isCliError } from './errors.ts';
export { processIo } from './process-io.ts';
export { runFile } from './run-file.ts';

export type { CliErrorCode } from './errors.ts';
export type { RowOptions } from './input/rows.ts';
export type { Io, Sink } from './io.ts';
export type { RowResult } from './output/json.ts';
export type { RunRequest } from './run-file.ts';
export type { RunFileResult } from './show-runs.ts';
export type { Summary } from './summary.ts';
