import { cached, openai, thought } from './bill.ts';
import type { Bill } from './bill.ts';

/** https://openai.com/api/pricing and https://platform.openai.com/docs/guides/prompt-caching */
export const OPENAI_BILLS: readonly Bill[] = [
  {
    rule: 'input and output have prices of their own',
    model: 'openai/gpt-5-mini',
    reported: openai(1_000, 100),
    perMillion: [
      [1_000, 0.25],
      [100, 2],
    ],
  },
  {
    rule: 'prompt_tokens includes cached ones, which cost a tenth',
    model: 'openai/gpt-5-mini',
    reported: openai(1_000, 100, cached(900)),
    perMillion: [
      [100, 0.25],
      [900, 0.025],
      [100, 2],
    ],
  },
  {
    rule: 'a prompt that was cached as a whole',
    model: 'openai/gpt-5',
    reported: openai(2_048, 1, cached(2_048)),
    perMillion: [
      [2_048, 0.125],
      [1, 10],
    ],
  },
  {
    rule: 'cached input of gpt-4o costs half',
    model: 'openai/gpt-4o',
    reported: openai(3_000, 500, cached(1_024)),
    perMillion: [
      [1_976, 2.5],
      [1_024, 1.25],
      [500, 10],
    ],
  },
  {
    rule: 'cached input of gpt-4.1-mini costs a quarter',
    model: 'openai/gpt-4.1-mini',
    reported: openai(1_500, 10, cached(1_000)),
    perMillion: [
      [500, 0.4],
      [1_000, 0.1],
      [10, 1.6],
    ],
  },
  {
    rule: 'reasoning is inside the output and billed as output',
    model: 'openai/gpt-5',
    reported: openai(50, 1_200, thought(1_150)),
    perMillion: [
      [50, 1.25],
      [1_200, 10],
    ],
  },
  {
    rule: 'audio has prices of its own, in and out; the rest is text',
    model: 'openai/gpt-audio',
    reported: openai(100, 100, {
      prompt_tokens_details: { audio_tokens: 50, cached_tokens: 0 },
      completion_tokens_details: { audio_tokens: 20, reasoning_tokens: 0 },
    }),
    perMillion: [
      [50, 2.5],
      [50, 32],
      [80, 10],
      [20, 64],
    ],
  },
  {
    rule: 'just below 272,000 prompt tokens the short prices hold',
    model: 'openai/gpt-5.4',
    reported: openai(271_999, 1_000),
    perMillion: [
      [271_999, 2.5],
      [1_000, 15],
    ],
  },
  {
    rule: 'from 272,000 on the whole request costs more, output too',
    model: 'openai/gpt-5.4',
    reported: openai(272_000, 1_000),
    perMillion: [
      [272_000, 5],
      [1_000, 22.5],
    ],
  },
  {
    rule: 'cached tokens count towards the long context and are repriced with it',
    model: 'openai/gpt-5.5',
    reported: openai(300_000, 2_000, cached(280_000)),
    perMillion: [
      [20_000, 10],
      [280_000, 1],
      [2_000, 45],
    ],
  },
  {
    rule: 'flex is half the price, cached input included',
    model: 'openai/gpt-5-mini',
    reported: openai(1_000, 100, { ...cached(500), service_tier: 'flex' }),
    perMillion: [
      [500, 0.125],
      [500, 0.0125],
      [100, 1],
    ],
  },
  {
    rule: 'a request for flex that was answered by the default tier costs the default',
    model: 'openai/gpt-5-mini',
    reported: openai(1_000, 100, { service_tier: 'default' }),
    perMillion: [
      [1_000, 0.25],
      [100, 2],
    ],
  },
  {
    rule: 'o3 before its price was cut',
    model: 'openai/o3',
    at: 1_748_736_000_000, // 2025-06-01 00:00 UTC
    reported: openai(1_000, 1_000),
    perMillion: [
      [1_000, 10],
      [1_000, 40],
    ],
  },
  {
    rule: 'o3 since its price was cut',
    model: 'openai/o3',
    at: 1_749_600_000_000, // 2025-06-11 00:00 UTC
    reported: openai(1_000, 1_000),
    perMillion: [
      [1_000, 2],
      [1_000, 8],
    ],
  },
  {
    rule: 'an answer of no tokens is paid for by its prompt',
    model: 'openai/gpt-5',
    reported: openai(77, 0),
    perMillion: [[77, 1.25]],
  },
];
