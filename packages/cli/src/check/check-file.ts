import type { Gateway, GatewayConfig, Ledger } from '@paceline/gateway';
import { checkWorkflow, isEngineError } from 'paceline';
import type { Workflow } from 'paceline';
import { openGateway } from '../compose.ts';
import { findConfigIfAny, loadConfig } from '../config-file.ts';
import { isCliError } from '../errors.ts';
import type { Io } from '../io.ts';
import { withJournal } from '../journal-file.ts';
import { jsonText } from '../output/text.ts';
import { styleFor } from '../output/style.ts';
import { loadWorkflow } from '../workflow-file.ts';
import { checkTable, refusalTable } from './tables.ts';

/** What `paceline check` was asked to do. */
export interface CheckRequest {
  readonly workflowFile: string;
  /** @default the config beside the workflow, if there is one */
  readonly configFile?: string;
  /** Whose learned times count. @default nothing has been learned */
  readonly journalFile?: string;
  readonly json: boolean;
  /** Warnings count as errors. */
  readonly strict: boolean;
}

/** A workflow file with what it would run on. */
export interface Loaded {
  readonly workflow: Workflow<unknown>;
  /** Absent: there is no config. */
  readonly config?: GatewayConfig;
  readonly gateway?: Gateway;
}

/**
 * Checks a workflow file and shows what was found.
 * @returns the exit code: 1 if an error was found, or a warning where they count
 * @throws CliError when it cannot begin
 */
export async function checkFile(request: CheckRequest, io: Io): Promise<number> {
  return withLoaded(request, io, async ({ workflow, gateway }) => {
    const checked = checkWorkflow(workflow as Workflow, gateway === undefined ? {} : { gateway });
    const lines = request.json
      ? [jsonText(checked)]
      : checkTable(checked, { style: styleFor(io.stdout, io.env), routes: gateway !== undefined });
    print(lines, io);
    const counted = checked.findings.filter(({ severity }) => request.strict || severity === 'error');
    return counted.length > 0 ? 1 : 0;
  });
}

/**
 * Loads the workflow and its config for as long as `use` takes. A workflow that is refused is shown with its problems.
 * @returns what `use` does; 1 for a refused workflow
 */
export async function withLoaded(
  request: CheckRequest,
  io: Io,
  use: (loaded: Loaded) => Promise<number>,
): Promise<number> {
  const { workflowFile, journalFile: file } = request;
  const workflow = await loadWorkflow(workflowFile, io).catch((error: unknown) => {
    const problems = problemsIn(error);
    if (problems === null) throw error;
    print(request.json ? [jsonText({ problems })] : refusalTable(problems, styleFor(io.stdout, io.env)), io);
    return null;
  });
  if (workflow === null) return 1;
  const within = (ledger?: Ledger) => withGateway({ request, workflow, ledger }, io, use);
  return file === undefined
    ? within()
    : withJournal({ file, create: false }, io, (journal) => within(journal.ledger));
}

interface Loading {
  readonly request: CheckRequest;
  readonly workflow: Workflow<unknown>;
  readonly ledger: Ledger | undefined;
}

async function withGateway(
  { request, workflow, ledger }: Loading,
  io: Io,
  use: (loaded: Loaded) => Promise<number>,
): Promise<number> {
  const path = findConfigIfAny(request, io);
  if (path === undefined) return use({ workflow });
  const { clock, random, env } = io;
  // Nothing is to be listened on: in virtual time simulated providers answer in process.
  const loaded = await loadConfig(path, { clock, random, seed: 1, virtual: true, rows: 1, env });
  const config = ledger === undefined ? loaded : { ledger, ...loaded };
  const gateway = await openGateway(config, path);
  try {
    return await use({ workflow, config, gateway });
  } finally {
    await gateway.close();
  }
}

/** Each problem of a definition that is refused; `null` for any other error. */
function problemsIn(error: unknown): readonly string[] | null {
  const cause = isCliError(error) ? error.cause : undefined;
  if (!isEngineError(cause) || cause.code !== 'WORKFLOW_INVALID') return null;
  const [head = '', ...problems] = cause.message.split('\n  - ');
  return problems.length === 0 ? [head] : problems;
}

function print(lines: readonly string[], io: Io): void {
  io.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
