import { extractUsage, findProvider } from '@pydantic/genai-prices';
import type { Provider as PricedProvider } from '@pydantic/genai-prices';
import type { WireFormat } from '../config.ts';
import { isRecord } from '../provider-error.ts';

/** Counts by the price table's unit names, e.g. `input_tokens` (all of them), `cache_read_tokens`, `web_searches`. */
export type Units = Readonly<Record<string, number>>;

/** Turns what a provider reports into counts; `null` for what is no report, or says what cannot be. */
export type ReadUnits = (reported: unknown) => Units | null;

/** Where in an answer each wire format has its usage; that is where the table's rules look for it. */
const ROOT: Readonly<Record<WireFormat, string>> = {
  openai: 'usage',
  anthropic: 'usage',
  google: 'usageMetadata',
  'openai-compatible': 'usage',
  cohere: 'usage',
  bedrock: 'usage',
};

/**
 * A reader of one provider's reports. Each accounts in its own way (OpenAI counts cached tokens as input, Anthropic does not; xAI counts reasoning
 * beside the output, the others in it): the price table says how.
 * @param pricedAs the provider's id in the price table; for one that it does not know, OpenAI's accounting is taken, as such servers copy it
 */
export function createUnitReader(wire: WireFormat, pricedAs: string): ReadUnits {
  const { provider, flavour } = accountingOf(wire, pricedAs);
  return (reported) => {
    if (!isRecord(reported)) return null;
    try {
      return complete(extractUsage(provider, { model: '', [ROOT[wire]]: reported }, flavour).usage);
    } catch {
      return null;
    }
  };
}

interface Accounting {
  readonly provider: PricedProvider;
  readonly flavour: string;
}

function accountingOf(wire: WireFormat, pricedAs: string): Accounting {
  if (wire === 'anthropic') return known('anthropic', 'default');
  if (wire === 'google') return known('google', 'default');
  if (wire === 'cohere') return known('cohere', 'default');
  if (wire === 'bedrock') return known('aws', 'default');
  const own = wire === 'openai' ? undefined : findProvider({ providerId: pricedAs });
  // Some have a flavour for their own API, with the same names, besides the one that OpenAI's clients see.
  const likeOpenai = own?.extractors?.filter(({ mappings }) =>
    mappings.some(({ path, required }) => required && path === 'prompt_tokens'),
  );
  const extractor = likeOpenai?.find(({ api_flavor }) => api_flavor === 'chat') ?? likeOpenai?.[0];
  if (own === undefined || extractor === undefined) return known('openai', 'chat');
  return { provider: own, flavour: extractor.api_flavor };
}

function known(providerId: string, flavour: string): Accounting {
  const provider = findProvider({ providerId });
  if (provider === undefined) throw new TypeError(`The price table has no provider "${providerId}".`);
  return { provider, flavour };
}

/** Of one unit in one answer. Whoever reports more reports nothing that could be priced. */
const MOST_COUNTED = 1e9;

export function isCount(count: number): boolean {
  return count >= 0 && count <= MOST_COUNTED;
}

function complete(usage: Readonly<Record<string, number | undefined>>): Units | null {
  const units: Record<string, number> = {};
  for (const [unit, count = 0] of Object.entries(usage)) {
    if (!isCount(count)) return null;
    units[unit] = count;
  }
  const { input_tokens: input, cache_read_tokens: read = 0, cache_write_tokens: written = 0 } = units;
  if (input === undefined || units['output_tokens'] === undefined || read + written > input) return null;
  return units;
}
