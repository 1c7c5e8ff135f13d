import type { LanguageModelV4CallOptions, SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { PromptCacheUse } from '../request.ts';
import { beginningsOf, headOf } from './beginnings.ts';
import type { Beginning, PromptParts } from './beginnings.ts';
import { marksFor } from './marks.ts';
import type { PromptMemory } from './memory.ts';
import { leastCachedTokens, USUAL_MINIMUM } from './minimum.ts';

/** One request on its way to one target. */
export interface CacheablePrompt {
  readonly prompt: PromptParts;
  /** About how long the prompt is. */
  readonly promptTokens: number;
  /** The same in the AI SDK's terms. */
  readonly options: LanguageModelV4CallOptions;
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly target: string;
  /** The name of its wire format; `null` for a model of the user's own. */
  readonly format: string | null;
  readonly use: PromptCacheUse;
}

export interface CachedPrompt {
  /** With what tells the provider to keep the prompt, where that takes telling. */
  readonly options: LanguageModelV4CallOptions;
  /** The request was answered: its prompt may come again. */
  answered(): void;
}

const TTL_MS = { '5m': 300_000, '1h': 3_600_000 } as const;

/**
 * Tells a provider what to keep of a prompt, in its own way: Anthropic and Bedrock by marks, OpenAI by a key that brings prompts which begin alike to one
 * machine. All others keep what they keep by themselves, or nothing.
 */
export function cachedPrompt(request: CacheablePrompt, memory: PromptMemory): CachedPrompt {
  const { options, promptTokens, format, use } = request;
  const untold: CachedPrompt = { options, answered() {} };
  if (use === 'off' || promptTokens < USUAL_MINIMUM) return untold;
  if (takesMarks(request)) return markedPrompt(request, use, memory);
  return format === 'openai' ? { ...untold, options: keyed(request) } : untold;
}

/** On Bedrock, Claude from 3.5 Haiku on: the other models refuse a request with a cache point that they do not know. */
const MARKED_ON_BEDROCK = /anthropic\.claude-(?:(?:opus|sonnet|haiku)-\d|3-7-|3-5-haiku)/;

function takesMarks({ format, target }: CacheablePrompt): boolean {
  return format === 'anthropic' || (format === 'bedrock' && MARKED_ON_BEDROCK.test(target));
}

function markedPrompt(
  { prompt, options, target }: CacheablePrompt,
  use: Exclude<PromptCacheUse, 'off'>,
  memory: PromptMemory,
): CachedPrompt {
  const asked = use !== 'auto';
  const ttl = asked ? use.ttl : '5m';
  const leastTokens = leastCachedTokens(target);
  const all = beginningsOf(prompt);
  const beginnings = all.filter(({ tokens }) => tokens >= leastTokens);
  const known = memory.known(target, beginnings);
  const marks = marksFor(prompt, all, { leastTokens, asked, known });
  return {
    options: marks.reduce((marked, { message }) => withMark(marked, message, ttl), options),
    answered: () => memory.remember(target, beginnings, TTL_MS[ttl]),
  };
}

/** @param message -1: the last tool */
function withMark(
  options: LanguageModelV4CallOptions,
  message: Beginning['message'],
  ttl: keyof typeof TTL_MS,
): LanguageModelV4CallOptions {
  const lasting = ttl === '1h' ? { ttl } : {};
  const mark: SharedV4ProviderOptions = {
    anthropic: { cacheControl: { type: 'ephemeral', ...lasting } },
    bedrock: { cachePoint: { type: 'default', ...lasting } },
  };
  if (message >= 0) {
    const prompt = options.prompt.map((each, at) =>
      at === message ? { ...each, providerOptions: mark } : each,
    );
    return { ...options, prompt };
  }
  const { tools = [] } = options;
  return {
    ...options,
    tools: tools.map((tool, at) =>
      at === tools.length - 1 && tool.type === 'function' ? { ...tool, providerOptions: mark } : tool,
    ),
  };
}

/** What all prompts of a step have in common names them, and says nothing about them. */
function keyed({ prompt, options }: CacheablePrompt): LanguageModelV4CallOptions {
  const head = headOf(prompt, beginningsOf(prompt));
  if (head === undefined) return options;
  const { openai, ...others } = options.providerOptions ?? {};
  return {
    ...options,
    providerOptions: { ...others, openai: { ...openai, promptCacheKey: head.key } },
  };
}
