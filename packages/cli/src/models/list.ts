import { createCatalog, inputUsdOf, matchesModel, outputUsdOf, readRefreshedModels } from '@paceline/gateway';
import type { Catalog, GatewayConfig, ModelFilter, ModelInfo, Offer } from '@paceline/gateway';
import type { Io } from '../io.ts';
import { columns } from '../output/columns.ts';
import { styleFor } from '../output/style.ts';
import { jsonText, printable } from '../output/text.ts';
import { modelsFile } from './models-file.ts';

export interface ListRequest {
  readonly filter: ModelFilter;
  /** Also those that their provider has ended. */
  readonly ended: boolean;
  readonly json: boolean;
  /** How many there have to be, resold ones not counted. */
  readonly expect: { readonly models: number; readonly providers: number };
}

/** How many models there are of each offer, and of how many providers, resold ones not counted. */
export interface ModelCount {
  readonly models: number;
  readonly providers: number;
  readonly offers: Readonly<Record<Offer, number>>;
}

/**
 * Lists the models that match.
 * @returns the exit code: 1 if there are fewer than expected
 */
export function listModels(
  { filter, ended, json, expect }: ListRequest,
  config: GatewayConfig,
  io: Io,
): number {
  const { provider } = filter;
  const listed = openCatalog(config, io).list({ ended, ...(provider !== undefined && { provider }) });
  const models = listed.filter((info) => matchesModel(info, filter));
  const possible = listed.filter((info) => matchesModel(info, filter, true)).length - models.length;
  const count = countOf(models);
  const lines = json ? [jsonText({ count, models })] : tableOf(models, io);
  io.stdout.write(lines.map((line) => `${line}\n`).join(''));
  const short = count.models < expect.models || count.providers < expect.providers;
  if (!json || short) io.stderr.write(`${tellCount(count)}\n`);
  if (!json && possible > 0) {
    io.stderr.write(
      `Of ${possible} more it is not known whether they match; \`paceline models update\` may tell.\n`,
    );
  }
  if (short) {
    io.stderr.write(`Expected at least ${expect.models} models of ${expect.providers} providers.\n`);
  }
  return short ? 1 : 0;
}

/** The catalog as a config has it, with what `paceline models update` fetched. */
function openCatalog({ customModels, customPrices }: GatewayConfig, io: Io): Catalog {
  const file = modelsFile(io);
  return createCatalog({
    ...(customModels !== undefined && { customModels }),
    ...(customPrices !== undefined && { customPrices }),
    ...(file !== null && { refreshed: () => readRefreshedModels(file) }),
    epochMs: () => io.clock.epochMs(),
  });
}

function countOf(models: readonly ModelInfo[]): ModelCount {
  const counted = models.filter(({ offer }) => offer !== 'resold');
  const of = (offer: Offer): number => models.filter((info) => info.offer === offer).length;
  return {
    models: counted.length,
    providers: new Set(counted.map(({ provider }) => provider)).size,
    offers: { maker: of('maker'), hosted: of('hosted'), resold: of('resold'), custom: of('custom') },
  };
}

function tellCount({ models, providers, offers: { maker, hosted, resold, custom } }: ModelCount): string {
  const own = custom === 0 ? '' : `, ${custom} of the config alone`;
  return `${models} models of ${providers} providers: ${maker} of their maker, ${hosted} hosted${own}. Besides, ${resold} resold.`;
}

const HEADER = ['model', 'offer', 'context', 'output', 'tools', 'reasons', '$/M in', '$/M out', ''];

function tableOf(models: readonly ModelInfo[], io: Io): readonly string[] {
  if (models.length === 0) return ['No models.'];
  const rows = models.map((info) => [
    printable(info.name),
    info.offer,
    sizeOf(info.contextTokens?.value),
    sizeOf(info.maxOutputTokens?.value),
    yesNo(info.tools?.value),
    yesNo(info.reasoning?.value),
    usd(inputUsdOf(info)),
    usd(outputUsdOf(info)),
    endOf(info),
  ]);
  const [head = '', ...lines] = columns([HEADER, ...rows], new Set([2, 3, 6, 7]));
  return [styleFor(io.stdout, io.env).dim(head), ...lines];
}

const UNKNOWN = '?';

/** `128k`, `1.05M`. */
function sizeOf(tokens: number | undefined): string {
  if (tokens === undefined) return UNKNOWN;
  if (tokens < 1_000) return String(tokens);
  return tokens < 1_000_000
    ? `${Math.round(tokens / 1_000)}k`
    : `${Number((tokens / 1_000_000).toFixed(2))}M`;
}

function yesNo(fact: boolean | undefined): string {
  return fact === undefined ? UNKNOWN : fact ? 'yes' : 'no';
}

function usd(amount: number | null): string {
  return amount === null ? UNKNOWN : String(Number(amount.toFixed(4)));
}

function endOf({ deprecated, endsOn, successor }: ModelInfo): string {
  if (deprecated?.value !== true) return '';
  const when = endsOn === null ? 'deprecated' : `ends ${endsOn.value}`;
  return successor === null ? when : `${when}, use ${printable(successor.value)}`;
}
