import { resolve } from 'node:path';
import { Option } from 'commander';
import type { GatewayConfig, LogLevel } from '@paceline/gateway';
import type { Io } from './io.ts';

/** What the command line says of the log; the config says the rest. */
export interface LogOptions {
  readonly log?: LogLevel;
  readonly logFile?: string;
}

export function logOption(): Option {
  const levels = ['debug', 'info', 'warn', 'error'] satisfies readonly LogLevel[];
  return new Option('--log <level>', 'log calls and runs as JSON lines, to standard error').choices(levels);
}

export function logFileOption(): Option {
  return new Option('--log-file <file>', 'log to this file instead, one for each day');
}

/** Of all that a command is given, what is about the log. */
export function logOptionsOf({ log, logFile }: LogOptions): LogOptions {
  return { ...(log !== undefined && { log }), ...(logFile !== undefined && { logFile }) };
}

/** A config whose log is as the command line wants it. Where neither names a destination, lines stand between the messages. */
export function withLog(config: GatewayConfig, { log: level, logFile }: LogOptions, io: Io): GatewayConfig {
  if (level === undefined && logFile === undefined) return config;
  const messages = { write: (line: string) => io.stderr.write(line) };
  const to = logFile === undefined ? (config.log?.to ?? messages) : { file: resolve(io.cwd, logFile) };
  return { ...config, log: { ...config.log, to, ...(level !== undefined && { level }) } };
}
