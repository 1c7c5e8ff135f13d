/** What OpenAI and most models of Anthropic need at least to keep a beginning, in tokens. */
export const USUAL_MINIMUM = 1_024;

/** By the model's name, the first that matches. Below its minimum Anthropic ignores a mark, so a wrong number costs nothing. */
const MINIMUMS: readonly (readonly [model: RegExp, tokens: number])[] = [
  [/opus-4-[5-9]|haiku-4-[5-9]/, 4_096],
  [/sonnet-4-[6-9]|3-5-haiku|3-haiku/, 2_048],
];

/** @see https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export function leastCachedTokens(model: string): number {
  return MINIMUMS.find(([name]) => name.test(model))?.[1] ?? USUAL_MINIMUM;
}
