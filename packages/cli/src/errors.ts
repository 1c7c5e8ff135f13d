const brand = Symbol.for('paceline.cli.error');

/** What is wrong before a command can begin, and the exit code it ends with. What happens to a run is never one of these. */
export const CLI_ERRORS = {
  /** An option is missing, malformed or contradicts another one. */
  USAGE: { exitCode: 2 },
  /** The input cannot be opened or is not what its name says. A single bad row is not this: it fails alone. */
  INPUT_UNREADABLE: { exitCode: 2 },
  /** The file does not export a workflow, or its definition is refused. */
  WORKFLOW_UNUSABLE: { exitCode: 2 },
  /** There is neither a config nor a key, it does not load, or a route that the workflow needs has no model that can be used. */
  CONFIG_UNUSABLE: { exitCode: 2 },
  /** The journal's file is not there, is none, or cannot be opened. */
  JOURNAL_UNUSABLE: { exitCode: 2 },
  /** The journal has no run of that id, or several of that beginning. */
  RUN_UNKNOWN: { exitCode: 2 },
  /** There is nothing to say to it any more. */
  RUN_ENDED: { exitCode: 2 },
  /** It asks nobody what is answered, or asks it more than once. */
  NOT_WAITING: { exitCode: 2 },
  /** The catalogue of models did not come, or is none. */
  MODELS_NOT_FETCHED: { exitCode: 2 },
  /** The scenario is neither a known name nor a readable file. */
  SCENARIO_UNUSABLE: { exitCode: 2 },
} as const satisfies Record<string, { exitCode: number }>;

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** Its message is printed as it is, without a stack: it tells the user what to mend. */
export class CliError extends Error {
  readonly [brand] = true;
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Works across duplicate installs of this package, unlike `instanceof`. */
export function isCliError(error: unknown): error is CliError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** One line about anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** With the place it was thrown at. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Frames of Node and of installed packages: they do not show where a user's own file is wrong. */
const FOREIGN_FRAME = /^ {4}at .*(?:node:|[/\\]node_modules[/\\]|\(<anonymous>\)).*\n?/gm;

/** A mistake in a user's own file, with the places in their files that led to it. */
export function mistakeOf(error: unknown): string {
  const mistake = stackOf(error).replace(FOREIGN_FRAME, '').trimEnd();
  const [, missing] = /^.*Cannot find (?:package|module) '([^'./][^']*)'/.exec(mistake) ?? [];
  if (missing === undefined) return mistake;
  return `${mistake}\nInstall \`${missing}\` there, or move the file into a project that has it.`;
}
