import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { ModelRequest } from './request.ts';
import type { Usage } from './result.ts';

/** Usage as the provider reported it; `null` if it said nothing of one side, or what cannot be. */
export function reportedUsage(usage: LanguageModelV4Usage | null): Usage | null {
  const inputTokens = usage?.inputTokens.total;
  const outputTokens = usage?.outputTokens.total;
  if (!usage || inputTokens === undefined || outputTokens === undefined) return null;
  const reported: Usage = {
    inputTokens,
    cachedInputTokens: usage.inputTokens.cacheRead ?? 0,
    cacheWriteTokens: usage.inputTokens.cacheWrite ?? 0,
    outputTokens,
    reasoningTokens: usage.outputTokens.reasoning ?? 0,
    source: 'reported',
  };
  return isPossible(reported) ? reported : null;
}

/** Counts are counts, and what was read from or written to a cache is part of the input. */
function isPossible(usage: Usage): boolean {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = usage;
  const counts = [inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens];
  const areCounts = counts.every((count) => Number.isFinite(count) && count >= 0);
  return areCounts && cachedInputTokens + cacheWriteTokens <= inputTokens;
}

/** Tokens of ordinary text run to about four bytes of UTF-8 (OpenAI's and Anthropic's rule of thumb for English). */
const BYTES_PER_TOKEN = 4;

/** Usage counted from the text, for attempts whose provider did not report any: cut, cancelled or silent. */
export function estimatedUsage(promptTokens: number, output: string): Usage {
  return {
    inputTokens: promptTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: tokensIn(output),
    reasoningTokens: 0,
    source: 'estimated',
  };
}

/** About how many tokens a request's prompt has. */
export function promptTokensOf({ messages, tools = [], answer }: ModelRequest): number {
  return tokensIn(JSON.stringify([messages, tools, answer]));
}

function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}
