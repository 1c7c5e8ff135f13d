import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { addModelsCheckCommand } from './models/check.ts';
import { addModelsListCommand } from './models/list.ts';
import { addModelsUpdateCommand } from './models/update.ts';
import type { Finish } from './runs/common.ts';

const HELP = `
Without a further command it lists: \`paceline models --provider groq\` is \`paceline models list --provider groq\`, and
\`paceline models list --help\` tells the filters. docs/models.md tells where each fact comes from.

Exit code: 0 done, 1 a target failed or there are fewer models than expected, 2 it could not begin.

Examples:
  $ paceline models
  $ paceline models --role reason --max-price 2/10 --min-context 200000
  $ paceline models --provider anthropic --json
  $ paceline models check
  $ paceline models update`;

/** Adds `paceline models` with its commands. @param finish is given the exit code */
export function addModelsCommand(program: Command, io: Io, finish: Finish): void {
  const models = program
    .command('models')
    .summary('see which models there are, and whether yours answer')
    .description(
      'Lists the models that can be used by name, asks those of a config, and brings the list up to date.',
    )
    .addHelpText('after', HELP);
  addModelsListCommand(models, io, finish);
  addModelsCheckCommand(models, io, finish);
  addModelsUpdateCommand(models, io);
}
