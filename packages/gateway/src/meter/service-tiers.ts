/**
 * What a service tier does to the price of tokens, by the provider's published rule. A tier that is not listed has prices of its own, which the price table
 * does not hold: what an attempt on it cost is unknown.
 *
 * - OpenAI: flex tokens "are priced at Batch API rates", which are half of the standard ones
 *   (https://platform.openai.com/docs/guides/flex-processing, https://platform.openai.com/docs/guides/batch).
 * - Anthropic: batch "50% of the standard API prices" (https://platform.claude.com/docs/en/build-with-claude/batch-processing).
 * - Google: flex and batch at a "50% discount" (https://ai.google.dev/gemini-api/docs/optimization).
 * - Azure: flex "with a discount of 50%" (https://learn.microsoft.com/azure/foundry/openai/how-to/flex-processing).
 * - Groq: flex pricing "matches the on-demand tier" (https://console.groq.com/docs/flex-processing).
 */
const SHARES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  openai: { default: 1, standard: 1, auto: 1, flex: 0.5, batch: 0.5 },
  anthropic: { standard: 1, batch: 0.5 },
  google: { standard: 1, flex: 0.5, batch: 0.5 },
  azure: { default: 1, standard: 1, auto: 1, flex: 0.5 },
  groq: { default: 1, on_demand: 1, auto: 1, flex: 1 },
};

/** @returns the share of the list price, or `null` if nobody has published it */
export function tierShare(pricedAs: string, tier: string | undefined): number | null {
  if (tier === undefined) return 1;
  const shares = Object.hasOwn(SHARES, pricedAs) ? SHARES[pricedAs] : undefined;
  // A provider without tiers of its own repeats what an OpenAI client expects to read.
  if (shares === undefined) return tier === 'default' || tier === 'standard' ? 1 : null;
  const name = tier.toLowerCase();
  return Object.hasOwn(shares, name) ? (shares[name] ?? null) : null;
}
