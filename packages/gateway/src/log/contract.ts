/** How grave a line is, in rising order. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * What the log holds of a call's prompt and answer. `full`: both, redacted. `hash`: a keyed hash of each, by which equal ones are known.
 * `none`: nothing.
 */
export type PayloadLevel = 'full' | 'hash' | 'none';

/** What the gateway and the engine log. `{}` takes the defaults. */
export interface LogConfig {
  /** Lines that are less grave are not written. @default 'info' */
  readonly level?: LogLevel;
  /** @default 'stderr' */
  readonly to?: 'stderr' | 'stdout' | LogFile | LogStream;
  /** The operator's word for all calls; a route may say otherwise, a step and a call only hold back more. @default 'none' */
  readonly payload?: PayloadLevel;
  /** The longest prompt or answer that is written in full, in characters of its JSON; longer ones are cut. Minimum 1. @default 16_384 */
  readonly maxPayloadChars?: number;
  /**
   * Reference to the key of the hashes, `env:LOG_HASH_KEY`, of at least 8 characters. With the same key equal texts have equal hashes in every process.
   * @default a random one of this process
   */
  readonly hashKey?: `env:${string}`;
}

/** A file for each day (UTC), readable by its owner alone. */
export interface LogFile {
  /** `logs/paceline.log` becomes `logs/paceline-2026-11-23.log`; the folder is made. */
  readonly file: string;
  /** Days that a file is kept, the day itself included; older ones are deleted. Minimum 1. @default 14 */
  readonly keepDays?: number;
}

/** Anything that takes lines, such as a `Writable`. Not closed by the gateway. */
export interface LogStream {
  /** @param line JSON, with its line end */
  write(line: string): unknown;
  /** Bytes that wait in it; beyond 4 MiB lines are dropped. @default 0 */
  readonly writableLength?: number;
  on?(event: 'error', listener: () => void): unknown;
}

/** Plain data; what is undefined is left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where structured lines go. Whatever becomes of them, a writer never waits, and never hears of it. */
export interface Log {
  /** Whether a line of this level is written: what nobody would read need not be made. */
  hears(level: LogLevel): boolean;
  /** Writes one line, redacted. Never throws. */
  write(level: LogLevel, fields: LogFields): void;
  /** Waits a second at most for what was written, then takes no more. */
  close(): Promise<void>;
}
