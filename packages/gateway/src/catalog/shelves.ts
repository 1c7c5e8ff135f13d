import type { Offer } from './model-info.ts';

/** Where a provider's models are found in the sources, and which of them are its own. */
export interface Shelf {
  /** Its ids in models.dev. */
  readonly modelsDev: readonly string[];
  /** Its id in the price table; `null` where the table does not have it. */
  readonly prices: string | null;
  /** `resold` for one that passes requests on. Otherwise the names of the models that it made itself; all the others it hosts. */
  readonly own: RegExp | 'all' | 'none' | 'resold';
  /** Names in the price table that are names of this provider's API. @default all */
  readonly names?: RegExp;
}

/**
 * The providers with models to list, by the names under which the gateway knows them. Of Cloudflare the capabilities are left out: models.dev
 * lists its models by other names than the API takes. Servers of one's own (Ollama, vLLM, LM Studio) have whatever was put on them.
 */
export const SHELVES: Readonly<Record<string, Shelf>> = {
  openai: { modelsDev: ['openai'], prices: 'openai', own: 'all' },
  anthropic: { modelsDev: ['anthropic'], prices: 'anthropic', own: 'all' },
  google: { modelsDev: ['google'], prices: 'google', own: 'all', names: /^(?:gemini-(?!1\.0)\d|gemma-)/ },
  vertex: {
    // Gemini alone: its Claude has an API of its own, which this provider does not speak.
    modelsDev: ['google-vertex'],
    prices: 'google',
    own: 'all',
    names: /^gemini-\d/,
  },
  azure: { modelsDev: ['azure'], prices: 'azure', own: /^(?:mai|phi)-/ },
  bedrock: {
    modelsDev: ['amazon-bedrock'],
    prices: 'aws',
    own: /(?:^|\.)amazon\./,
    names: /^(?!regional\.)/,
  },
  mistral: { modelsDev: ['mistral'], prices: 'mistral', own: 'all' },
  groq: { modelsDev: ['groq'], prices: 'groq', own: /^(?:groq\/|compound)/ },
  cohere: { modelsDev: ['cohere'], prices: 'cohere', own: 'all' },
  deepseek: { modelsDev: ['deepseek'], prices: 'deepseek', own: 'all' },
  xai: { modelsDev: ['xai'], prices: 'x-ai', own: 'all' },
  together: { modelsDev: ['togetherai'], prices: 'together', own: /^togethercomputer\// },
  fireworks: { modelsDev: ['fireworks-ai'], prices: 'fireworks', own: 'none' },
  cerebras: { modelsDev: ['cerebras'], prices: 'cerebras', own: 'none' },
  perplexity: { modelsDev: ['perplexity'], prices: 'perplexity', own: 'all' },
  moonshotai: { modelsDev: ['moonshotai'], prices: 'moonshotai', own: 'all' },
  zai: { modelsDev: ['zai'], prices: 'zai', own: 'all' },
  minimax: { modelsDev: ['minimax'], prices: 'minimax', own: 'all' },
  alibaba: { modelsDev: ['alibaba'], prices: null, own: 'all' },
  upstage: { modelsDev: ['upstage'], prices: null, own: 'all' },
  inception: { modelsDev: ['inception'], prices: null, own: 'all' },
  openrouter: { modelsDev: ['openrouter'], prices: 'openrouter', own: 'resold' },
  cloudflare: { modelsDev: [], prices: 'cloudflare', own: 'none' },
};

export function offerOf(provider: string, model: string): Offer {
  const own = shelfOf(provider)?.own;
  if (own === undefined) return 'custom';
  if (own === 'resold') return 'resold';
  const made = own === 'all' || (own !== 'none' && own.test(model));
  return made ? 'maker' : 'hosted';
}

/** `undefined` for a provider that no source knows. */
export function shelfOf(provider: string): Shelf | undefined {
  return Object.hasOwn(SHELVES, provider) ? SHELVES[provider] : undefined;
}
