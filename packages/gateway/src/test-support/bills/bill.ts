import type { WireFormat } from '../../config.ts';

/** What a provider reported, and what that costs by its price list, worked out by hand. */
export interface Bill {
  /** The provider's published rule. */
  readonly rule: string;
  /** `provider/model`, as the price table names them. */
  readonly model: string;
  /** @default that of the provider, else OpenAI's */
  readonly wire?: WireFormat;
  readonly reported: Readonly<Record<string, unknown>>;
  /** Each count with its price in dollars per million. */
  readonly perMillion: readonly (readonly [count: number, usd: number])[];
  /** Fees in dollars. */
  readonly fees?: number;
  /** Wall time. @default within the time of all prices below */
  readonly at?: number;
}

/** A report in the form of OpenAI. */
export const openai = (prompt: number, completion: number, more: object = {}) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  ...more,
});

/** Of the prompt, within it. */
export const cached = (tokens: number) => ({ prompt_tokens_details: { cached_tokens: tokens } });

/** Of the output, within it. */
export const thought = (tokens: number) => ({ completion_tokens_details: { reasoning_tokens: tokens } });
