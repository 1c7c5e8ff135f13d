import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { ModelFilter, Role } from '@paceline/gateway';
import type { Io } from '../../io.ts';
import { configAsked } from '../../models/config-asked.ts';
import { listModels } from '../../models/list.ts';
import { wholeNumber } from '../options.ts';
import type { Finish } from '../runs/common.ts';

/** As commander hands them over. */
interface Flags {
  readonly provider?: string;
  readonly role?: Role;
  readonly maxPrice?: Pick<ModelFilter, 'maxInputUsd' | 'maxOutputUsd'>;
  readonly minContext?: number;
  readonly tools?: boolean;
  readonly ended?: boolean;
  readonly config?: string;
  readonly json?: boolean;
  readonly expectModels?: number;
  readonly expectProviders?: number;
}

/** What the whole list holds at least. Fewer mean that an installed package is damaged. */
const WHOLE = { models: 150, providers: 15 };

const HELP = `
A model of its maker is served by who made it (openai/gpt-5), a hosted one by who runs it on machines of its own
(groq/openai/gpt-oss-120b); both count. A resold one (openrouter/...) is passed on to others, and is listed but not counted.

What nobody knows is a question mark, and null in JSON, where every fact comes with its source. A filter lets through what is known
to match. --role reason: it reasons before it answers; execute: it calls tools; classify: at most $0.50 for a million tokens of prompt.

Exit code: 0 done, 1 fewer models than expected; the whole list is expected to hold ${WHOLE.models} models of ${WHOLE.providers} providers.

Examples:
  $ paceline models --provider groq
  $ paceline models --role reason --max-price 2/10 --min-context 200000
  $ paceline models --tools --json --expect-models 50`;

/** Adds `paceline models list`, which is what `paceline models` alone does. */
export function addModelsListCommand(models: Command, io: Io, finish: Finish): void {
  models
    .command('list', { isDefault: true })
    .summary('list models (the default)')
    .description('Lists the models that can be used by name.')
    .option('--provider <name>', 'only those of one provider')
    .addOption(
      new Option('--role <role>', 'only those that suit it').choices(['classify', 'reason', 'execute']),
    )
    .option(
      '--max-price <in[/out]>',
      'US dollars for a million tokens of prompt, and of answer, at most',
      prices,
    )
    .option('--min-context <tokens>', 'prompt and answer together, at least', wholeNumber(1))
    .option('--tools', 'only those that call tools')
    .option('--ended', 'also those that their provider has ended')
    .option('--config <file>', 'with the custom models and prices of a config')
    .option('--json', 'print one JSON object')
    .option('--expect-models <n>', 'exit with 1 if fewer match, resold ones not counted', wholeNumber(0))
    .option('--expect-providers <n>', 'exit with 1 if they are of fewer providers', wholeNumber(0))
    .addHelpText('after', HELP)
    .action(async ({ ended = false, json = false, config, ...flags }: Flags) => {
      const filter = filterOf(flags);
      const whole = Object.keys(filter).length === 0 ? WHOLE : { models: 0, providers: 0 };
      const expect = {
        models: flags.expectModels ?? whole.models,
        providers: flags.expectProviders ?? whole.providers,
      };
      const loaded = config === undefined ? { roles: {} } : (await configAsked(config, io)).config;
      finish(listModels({ filter, ended, json, expect }, loaded, io));
    });
}

function filterOf({ provider, role, maxPrice, minContext, tools }: Flags): ModelFilter {
  return {
    ...(provider !== undefined && { provider }),
    ...(role !== undefined && { role }),
    ...maxPrice,
    ...(minContext !== undefined && { minContextTokens: minContext }),
    ...(tools === true && { tools }),
  };
}

/** `2` or `2/10`. */
function prices(text: string): Flags['maxPrice'] {
  const [, input, output] = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  if (input === undefined) {
    throw new InvalidArgumentError('Expected US dollars for a million tokens, such as 2 or 2/10.');
  }
  return { maxInputUsd: Number(input), ...(output !== undefined && { maxOutputUsd: Number(output) }) };
}
