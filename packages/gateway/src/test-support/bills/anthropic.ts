import type { Bill } from './bill.ts';

const anthropic = (input: number, output: number, more: object = {}) => ({
  input_tokens: input,
  output_tokens: output,
  ...more,
});

/** https://platform.claude.com/docs/en/about-claude/pricing */
export const ANTHROPIC_BILLS: readonly Bill[] = [
  {
    rule: 'input_tokens leaves out what was cached',
    model: 'anthropic/claude-sonnet-4-5',
    reported: anthropic(100, 50, { cache_read_input_tokens: 1_000 }),
    perMillion: [
      [100, 3],
      [1_000, 0.3],
      [50, 15],
    ],
  },
  {
    rule: 'writing the cache for 5 minutes costs 1.25 times the input',
    model: 'anthropic/claude-sonnet-4-5',
    reported: anthropic(100, 50, { cache_creation_input_tokens: 2_000 }),
    perMillion: [
      [100, 3],
      [2_000, 3.75],
      [50, 15],
    ],
  },
  {
    rule: 'writing it for an hour costs twice the input',
    model: 'anthropic/claude-sonnet-4-5',
    reported: anthropic(100, 50, {
      cache_creation_input_tokens: 2_000,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 2_000 },
    }),
    perMillion: [
      [100, 3],
      [2_000, 6],
      [50, 15],
    ],
  },
  {
    rule: 'both kinds of writing, and reading, in one request',
    model: 'anthropic/claude-opus-5',
    reported: anthropic(10, 500, {
      cache_creation_input_tokens: 300,
      cache_read_input_tokens: 4_000,
      cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    }),
    perMillion: [
      [10, 5],
      [100, 6.25],
      [200, 10],
      [4_000, 0.5],
      [500, 25],
    ],
  },
  {
    rule: 'cache hits of Opus 5.5 cost a twentieth of the input',
    model: 'anthropic/claude-opus-5-5',
    reported: anthropic(100, 100, { cache_read_input_tokens: 10_000 }),
    perMillion: [
      [100, 4],
      [10_000, 0.2],
      [100, 20],
    ],
  },
  {
    rule: 'at 200,000 prompt tokens the short prices still hold',
    model: 'anthropic/claude-sonnet-4-5',
    reported: anthropic(200_000, 1_000),
    perMillion: [
      [200_000, 3],
      [1_000, 15],
    ],
  },
  {
    rule: 'beyond 200,000 all tokens of the request cost more',
    model: 'anthropic/claude-sonnet-4-5',
    reported: anthropic(249_000, 1_000, { cache_read_input_tokens: 1_000 }),
    perMillion: [
      [249_000, 6],
      [1_000, 0.6],
      [1_000, 22.5],
    ],
  },
  {
    rule: 'what was read from the cache counts towards the 200,000',
    model: 'anthropic/claude-sonnet-4-5',
    reported: anthropic(1, 10, { cache_read_input_tokens: 200_000 }),
    perMillion: [
      [1, 6],
      [200_000, 0.6],
      [10, 22.5],
    ],
  },
  {
    rule: 'Sonnet 4.6 has one price for its whole window since 13 March 2026',
    model: 'anthropic/claude-sonnet-4-6',
    at: 1_773_446_400_000, // 2026-03-14 00:00 UTC
    reported: anthropic(400_000, 1_000),
    perMillion: [
      [400_000, 3],
      [1_000, 15],
    ],
  },
  {
    rule: 'and had two before',
    model: 'anthropic/claude-sonnet-4-6',
    at: 1_772_323_200_000, // 2026-03-01 00:00 UTC
    reported: anthropic(400_000, 1_000),
    perMillion: [
      [400_000, 6],
      [1_000, 22.5],
    ],
  },
  {
    rule: 'a web search costs a cent beside the tokens',
    model: 'anthropic/claude-sonnet-5',
    reported: anthropic(1_000, 200, { server_tool_use: { web_search_requests: 3 } }),
    perMillion: [
      [1_000, 2],
      [200, 10],
    ],
    fees: 0.03,
  },
  {
    rule: 'thinking is inside the output',
    model: 'anthropic/claude-opus-4-8',
    reported: anthropic(40, 900, { output_tokens_details: { thinking_tokens: 800 } }),
    perMillion: [
      [40, 5],
      [900, 25],
    ],
  },
  {
    rule: 'batches cost half; searches cost what they cost',
    model: 'anthropic/claude-sonnet-5',
    reported: anthropic(1_000, 200, {
      service_tier: 'batch',
      server_tool_use: { web_search_requests: 1 },
    }),
    perMillion: [
      [1_000, 1],
      [200, 5],
    ],
    fees: 0.01,
  },
];
