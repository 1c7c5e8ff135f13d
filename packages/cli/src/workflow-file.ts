import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isEngineError, isWorkflow } from 'paceline';
import type { Workflow } from 'paceline';
import { CliError, mistakeOf } from './errors.ts';
import type { Io } from './io.ts';
import { loadDefaultExport } from './load.ts';

/** @throws CliError `WORKFLOW_UNUSABLE`, saying what the file should export or which part of its definition to mend */
export async function loadWorkflow(file: string, io: Io): Promise<Workflow<unknown>> {
  const path = resolve(io.cwd, file);
  if (!existsSync(path)) throw new CliError('WORKFLOW_UNUSABLE', `${file}: there is no such file`);
  const exported = await loadDefaultExport(path).catch((error: unknown) => {
    // A refused definition explains itself; anything else is the file's own mistake, told with its place.
    const detail = isEngineError(error) ? error.message : mistakeOf(error);
    throw new CliError('WORKFLOW_UNUSABLE', `${file} does not load: ${detail}`, error);
  });
  if (isWorkflow(exported)) return exported as Workflow<unknown>;
  const found = exported === undefined ? 'has no default export' : 'exports something else as its default';
  throw new CliError(
    'WORKFLOW_UNUSABLE',
    `${file} ${found}: expected \`export default setupWorkflow({ ... }).createMachine({ ... })\``,
  );
}
