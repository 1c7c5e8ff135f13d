import type { Command } from 'commander';
import type { Io } from '../../io.ts';
import { updateModels } from '../../models/update.ts';
import { duration } from '../options.ts';

interface Flags {
  readonly url?: string;
  readonly timeout: number;
}

const HELP = `
Fetches the public catalogue of models.dev, checks it, and keeps what is read of it in $XDG_CACHE_HOME/paceline/models.json, or
~/.cache/paceline/models.json. Commands use it from then on, and name it as the source of what they take from it.
Prices stay those of the price table that is built in. Nothing is sent but the request itself.`;

/** Adds `paceline models update`. */
export function addModelsUpdateCommand(models: Command, io: Io): void {
  models
    .command('update')
    .summary('fetch what is known of models today')
    .description('Fetches what is known of models today from models.dev.')
    .option('--url <url>', 'a copy of it elsewhere')
    .option('--timeout <duration>', 'how long it may take', duration, 30_000)
    .addHelpText('after', HELP)
    .action(({ url, timeout: timeoutMs }: Flags) =>
      updateModels({ timeoutMs, ...(url !== undefined && { url }) }, io),
    );
}
