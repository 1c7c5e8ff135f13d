import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { isRecord } from '../provider-error.ts';
import type { ModelRequest } from '../request.ts';
import type { Usage } from '../result.ts';
import { isCount } from './units.ts';
import type { ReadUnits, Units } from './units.ts';

/** What one exchange said about its usage. */
export interface Said {
  /** As it stood in the answer; `null` if nothing did, or if nobody reads this format. */
  readonly raw: unknown;
  /** As the adapter read it. */
  readonly adapted: LanguageModelV4Usage | null;
  /** False: the answer was cut, so that what stood in it by then is only a part. */
  readonly whole: boolean;
}

/** What an answer's own text lets us count. */
export interface Counted {
  readonly promptTokens: number;
  /** Everything that was received, thoughts and tool input included. */
  readonly output: string;
}

/**
 * The usage of one attempt: as the provider reported it, in its own accounting; where it did not, or was cut off before it did, counted from
 * the text and marked `estimated`.
 */
export function usageOf({ raw, adapted, whole }: Said, read: ReadUnits | null, counted: Counted): Usage {
  const units = read?.(raw) ?? adaptedUnits(adapted);
  if (units === null) return { ...tokensOf(estimatedUnits(counted)), source: 'estimated' };
  const said = isRecord(raw) ? saidBeside(raw) : {};
  if (whole) return { ...tokensOf(units), ...said, source: 'reported' };
  // The prompt was read as reported; of the answer, no less was made than what arrived.
  const output = Math.max(units['output_tokens'] ?? 0, tokensIn(counted.output));
  return { ...tokensOf({ ...units, output_tokens: output }), ...said, source: 'estimated' };
}

/** Units that have a field of their own in `Usage`. */
const FIELDS = {
  input_tokens: 'inputTokens',
  cache_read_tokens: 'cachedInputTokens',
  cache_write_tokens: 'cacheWriteTokens',
  output_tokens: 'outputTokens',
  output_reasoning_tokens: 'reasoningTokens',
} as const;

function tokensOf(units: Units): Omit<Usage, 'source'> {
  const rest = Object.entries(units).filter(([unit, count]) => !Object.hasOwn(FIELDS, unit) && count > 0);
  return {
    inputTokens: units['input_tokens'] ?? 0,
    cachedInputTokens: units['cache_read_tokens'] ?? 0,
    cacheWriteTokens: units['cache_write_tokens'] ?? 0,
    outputTokens: units['output_tokens'] ?? 0,
    reasoningTokens: units['output_reasoning_tokens'] ?? 0,
    ...(rest.length > 0 && { more: Object.fromEntries(rest) }),
  };
}

/** The counts of a usage, by the price table's unit names: what `tokensOf` was made of. */
export function unitsOf(usage: Usage): Units {
  const fields = Object.entries(FIELDS).map(([unit, field]) => [unit, usage[field]] as const);
  return { ...(usage.cachedInputTokens > 0 && CACHED_KINDS), ...Object.fromEntries(fields), ...usage.more };
}

/** Cached tokens of a kind that the report does not tell apart are taken for text, which is what providers cache. */
const CACHED_KINDS: Units = {
  cache_audio_read_tokens: 0,
  cache_image_read_tokens: 0,
  cache_video_read_tokens: 0,
};

/** In US dollars. Whoever says that one request cost more is not believed, so that no sum of costs is ever out of bounds. */
const MOST_CHARGED_USD = 10_000;

/** Tier and cost, where the provider says them. */
function saidBeside(raw: Readonly<Record<string, unknown>>): Pick<Usage, 'serviceTier' | 'chargedUsd'> {
  const tier = raw['service_tier'] ?? raw['serviceTier'];
  const cost = isRecord(raw['cost']) ? raw['cost']['total_cost'] : raw['cost'];
  return {
    ...(typeof tier === 'string' && { serviceTier: tier }),
    // OpenRouter's and Perplexity's: what they charge, in dollars.
    ...(typeof cost === 'number' && cost >= 0 && cost <= MOST_CHARGED_USD && { chargedUsd: cost }),
  };
}

/** For a model of the user's own, of whose answers only the adapter's view is known. */
function adaptedUnits(usage: LanguageModelV4Usage | null): Units | null {
  const input = usage?.inputTokens.total;
  const output = usage?.outputTokens.total;
  if (!usage || input === undefined || output === undefined) return null;
  const units: Units = {
    input_tokens: input,
    cache_read_tokens: usage.inputTokens.cacheRead ?? 0,
    cache_write_tokens: usage.inputTokens.cacheWrite ?? 0,
    output_tokens: output,
    output_reasoning_tokens: usage.outputTokens.reasoning ?? 0,
  };
  const { cache_read_tokens: read = 0, cache_write_tokens: written = 0 } = units;
  return Object.values(units).every(isCount) && read + written <= input ? units : null;
}

function estimatedUnits({ promptTokens, output }: Counted): Units {
  return { input_tokens: promptTokens, output_tokens: tokensIn(output) };
}

/** Tokens of ordinary text run to about four bytes of UTF-8 (OpenAI's and Anthropic's rule of thumb for English). */
const BYTES_PER_TOKEN = 4;

/** About how many tokens a request's prompt has. */
export function promptTokensOf({ messages, tools = [], answer }: ModelRequest): number {
  return tokensIn(JSON.stringify([messages, tools, answer]));
}

function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** The usage of a call that has not been made. */
export function expectedUsage(tokens: {
  readonly inputTokens: number;
  readonly outputTokens: number;
}): Usage {
  return { ...tokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, source: 'estimated' };
}
