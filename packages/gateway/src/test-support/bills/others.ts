import { cached, openai, thought } from './bill.ts';
import type { Bill } from './bill.ts';

/** Each by its own price list. */
export const OTHER_BILLS: readonly Bill[] = [
  {
    rule: 'DeepSeek has peak hours',
    model: 'deepseek/deepseek-v4-flash',
    at: 1_791_165_600_000, // 2026-10-05 02:00 UTC
    reported: openai(1_000, 100, cached(600)),
    perMillion: [
      [400, 0.44],
      [600, 0.014],
      [100, 1.32],
    ],
  },
  {
    rule: 'and hours in which it costs half',
    model: 'deepseek/deepseek-v4-flash',
    at: 1_791_176_400_000, // 2026-10-05 05:00 UTC
    reported: openai(1_000, 100, cached(600)),
    perMillion: [
      [400, 0.22],
      [600, 0.007],
      [100, 0.66],
    ],
  },
  {
    rule: 'xAI counts reasoning beside completion_tokens',
    model: 'x-ai/grok-4.20',
    reported: openai(1_000, 100, thought(400)),
    perMillion: [
      [1_000, 1.25],
      [500, 2.5],
    ],
  },
  {
    rule: 'xAI reprices from 200,000 prompt tokens on',
    model: 'x-ai/grok-4.20',
    reported: openai(200_000, 100),
    perMillion: [
      [200_000, 2.5],
      [100, 5],
    ],
  },
  {
    rule: 'Perplexity charges for each request beside the tokens',
    model: 'perplexity/sonar',
    reported: openai(1_000, 100),
    perMillion: [
      [1_000, 1],
      [100, 1],
    ],
    fees: 0.012,
  },
  {
    rule: 'Perplexity counts reasoning, citations and searches on their own',
    model: 'perplexity/sonar-deep-research',
    reported: openai(100, 30, { reasoning_tokens: 60, citation_tokens: 10, num_search_queries: 3 }),
    perMillion: [
      [100, 2],
      [30, 8],
      [60, 3],
      [10, 2],
    ],
    fees: 0.015,
  },
  {
    rule: 'Groq charges flex as it charges on demand, and half for cached input',
    model: 'groq/openai/gpt-oss-120b',
    reported: openai(1_000, 100, { ...cached(200), service_tier: 'flex' }),
    perMillion: [
      [800, 0.15],
      [200, 0.075],
      [100, 0.6],
    ],
  },
  {
    rule: 'an alias of Mistral costs what the model behind it costs at the time',
    model: 'mistral/mistral-medium-latest',
    at: 1_781_481_600_000, // 2026-06-15 00:00 UTC
    reported: openai(1_000, 100),
    perMillion: [
      [1_000, 0.4],
      [100, 2],
    ],
  },
  {
    rule: 'and another price once it stands for another model',
    model: 'mistral/mistral-medium-latest',
    at: 1_781_654_400_000, // 2026-06-17 00:00 UTC
    reported: openai(1_000, 100),
    perMillion: [
      [1_000, 1.5],
      [100, 7.5],
    ],
  },
  {
    rule: 'a price of less than four cents a million is exact too',
    model: 'cohere/command-r7b',
    reported: openai(333, 7),
    perMillion: [
      [333, 0.0375],
      [7, 0.15],
    ],
  },
  {
    rule: 'OpenRouter says itself what it charges',
    model: 'openrouter/openai/gpt-5-mini',
    reported: openai(1_000, 100, { cost: 0.000_123_4 }),
    perMillion: [],
    fees: 0.000_123_4,
  },
  {
    rule: 'Perplexity says itself what it charges, the search included',
    model: 'perplexity/sonar',
    reported: openai(1_000, 100, { cost: { request_cost: 0.005, total_cost: 0.006_1 } }),
    perMillion: [],
    fees: 0.006_1,
  },
  {
    rule: 'Cohere charges for billed units, which are fewer than the tokens that its model reads',
    model: 'cohere/command-r7b-12-2024',
    wire: 'cohere',
    reported: {
      billed_units: { input_tokens: 333, output_tokens: 7 },
      tokens: { input_tokens: 900, output_tokens: 9 },
    },
    perMillion: [
      [333, 0.0375],
      [7, 0.15],
    ],
  },
  {
    rule: 'Bedrock counts what its cache has read and written beside inputTokens',
    model: 'bedrock/global.anthropic.claude-haiku-4-5-20251001-v1:0',
    wire: 'bedrock',
    reported: { inputTokens: 100, cacheReadInputTokens: 400, cacheWriteInputTokens: 200, outputTokens: 50 },
    perMillion: [
      [100, 1],
      [400, 0.1],
      [200, 1.25],
      [50, 5],
    ],
  },
  {
    rule: 'Bedrock charges a tenth more where an inference profile stays within a region',
    model: 'bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0',
    wire: 'bedrock',
    reported: { inputTokens: 1_000, outputTokens: 100 },
    perMillion: [
      [1_000, 1.1],
      [100, 5.5],
    ],
  },
];
