import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { checkModels } from '../../models/check.ts';
import { configAsked } from '../../models/config-asked.ts';
import { duration } from '../options.ts';
import type { Finish } from '../runs/common.ts';

interface Flags {
  readonly config?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

const HELP = `
Makes one call to every target of the config, through the gateway as any other call: its key, its address and its model are tried.
Each costs a few tokens.

Exit code: 0 all answered, 1 at least one did not, 2 it could not begin.

Examples:
  $ paceline models check
  $ paceline models check --config staging.config.ts --timeout 5s --json`;

/** Adds `paceline models check`. */
export function addModelsCheckCommand(models: Command, io: Io, finish: Finish): void {
  models
    .command('check')
    .summary('ask every target of a config for a word')
    .description('Asks every target of a config for a word.')
    .option('--config <file>', 'config to use instead of the one in this folder')
    .option('--timeout <duration>', 'how long each may take', duration, 15_000)
    .option('--json', 'print one JSON object for each target')
    .addHelpText('after', HELP)
    .action(async ({ config, timeout: timeoutMs, json = false }: Flags) => {
      finish(await checkModels({ ...(await configAsked(config, io)), timeoutMs, json }, io));
    });
}
