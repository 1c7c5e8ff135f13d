import { awsMessage } from '../aws-messages.ts';
import { ARGUMENTS, sse } from './provider-case.ts';
import type { ProviderCase } from './provider-case.ts';

const gemini = (parts: readonly object[], more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 5, totalTokenCount: 17 },
});

const google = (known: Pick<ProviderCase, 'provider' | 'env' | 'url'>): ProviderCase => ({
  ...known,
  model: 'gemini-2.5-flash',
  auth: ['x-goog-api-key', Object.values(known.env)[0] ?? ''],
  contentType: 'text/event-stream',
  text: {
    head: [sse(gemini([{ text: 'Hel' }])), sse(gemini([{ text: 'lo' }]))],
    tail: [sse(gemini([{ text: '' }], { finishReason: 'STOP' }))],
  },
  tool: [
    sse(gemini([{ functionCall: { name: 'lookup', args: { order: 'A-1' } } }], { finishReason: 'STOP' })),
  ],
  usage: { inputTokens: 12, outputTokens: 5, source: 'reported' },
  badKey: [
    400,
    {
      error: {
        code: 400,
        message: 'API key not valid.',
        status: 'INVALID_ARGUMENT',
        details: [{ reason: 'API_KEY_INVALID' }],
      },
    },
  ],
  tooMany: { error: { code: 429, message: 'Resource has been exhausted.', status: 'RESOURCE_EXHAUSTED' } },
});

const ANTHROPIC_START = sse({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [],
    model: 'claude-haiku-4-5',
    usage: { input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 1 },
  },
});
const anthropicEnd = (reason: string): string =>
  sse(
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  );
const anthropicDelta = (delta: object): string => sse({ type: 'content_block_delta', index: 0, delta });

const ANTHROPIC: ProviderCase = {
  provider: 'anthropic',
  model: 'claude-haiku-4-5',
  env: { ANTHROPIC_API_KEY: 'key-anthropic' },
  url: 'https://api.anthropic.com/v1/messages',
  auth: ['x-api-key', 'key-anthropic'],
  contentType: 'text/event-stream',
  text: {
    head: [
      ANTHROPIC_START +
        sse({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      anthropicDelta({ type: 'text_delta', text: 'Hel' }),
      anthropicDelta({ type: 'text_delta', text: 'lo' }),
    ],
    tail: [anthropicEnd('end_turn')],
  },
  tool: [
    ANTHROPIC_START +
      sse({
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'lookup', input: {} },
      }),
    anthropicDelta({ type: 'input_json_delta', partial_json: ARGUMENTS }),
    anthropicEnd('tool_use'),
  ],
  usage: { inputTokens: 12, cachedInputTokens: 4, outputTokens: 5, source: 'reported' },
  badKey: [401, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } }],
  tooMany: { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } },
};

const cohereEnd = (reason: string): string =>
  sse({
    type: 'message-end',
    delta: {
      finish_reason: reason,
      usage: {
        billed_units: { input_tokens: 12, output_tokens: 5 },
        tokens: { input_tokens: 80, output_tokens: 6 },
      },
    },
  });

const COHERE: ProviderCase = {
  provider: 'cohere',
  model: 'command-r7b-12-2024',
  env: { COHERE_API_KEY: 'key-cohere' },
  url: 'https://api.cohere.com/v2/chat',
  auth: ['authorization', 'Bearer key-cohere'],
  contentType: 'text/event-stream',
  text: {
    head: [
      sse(
        { id: '1', type: 'message-start', delta: { message: { role: 'assistant', content: [] } } },
        { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
        { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Hel' } } } },
      ),
      sse({ type: 'content-delta', index: 0, delta: { message: { content: { text: 'lo' } } } }),
    ],
    tail: [sse({ type: 'content-end', index: 0 }), cohereEnd('COMPLETE')],
  },
  tool: [
    sse(
      { id: '1', type: 'message-start', delta: { message: { role: 'assistant' } } },
      {
        type: 'tool-call-start',
        index: 0,
        delta: {
          message: {
            tool_calls: { id: 'lookup_1', type: 'function', function: { name: 'lookup', arguments: '' } },
          },
        },
      },
      {
        type: 'tool-call-delta',
        index: 0,
        delta: { message: { tool_calls: { function: { arguments: ARGUMENTS } } } },
      },
      { type: 'tool-call-end', index: 0 },
    ),
    cohereEnd('TOOL_CALL'),
  ],
  usage: { inputTokens: 12, outputTokens: 5, source: 'reported' },
  badKey: [401, { id: '1', message: 'invalid api token' }],
  tooMany: {
    message: 'You are using a Trial key, which is limited to 20 API calls / minute. Too many requests.',
  },
};

const USED = awsMessage('metadata', {
  usage: { inputTokens: 8, cacheReadInputTokens: 4, outputTokens: 5, totalTokens: 17 },
  metrics: { latencyMs: 300 },
});

const BEDROCK: ProviderCase = {
  provider: 'bedrock',
  model: 'anthropic.claude-haiku-4-5-20251001-v1:0',
  env: { AWS_BEARER_TOKEN_BEDROCK: 'key-bedrock', AWS_REGION: 'eu-central-1' },
  url: 'https://bedrock-runtime.eu-central-1.amazonaws.com/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream',
  auth: ['authorization', 'Bearer key-bedrock'],
  contentType: 'application/vnd.amazon.eventstream',
  text: {
    head: [
      awsMessage('messageStart', { role: 'assistant', p: 'abc' }),
      awsMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hel' }, p: 'abcdefgh' }),
      awsMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'lo' } }),
    ],
    tail: [
      awsMessage('contentBlockStop', { contentBlockIndex: 0 }),
      awsMessage('messageStop', { stopReason: 'end_turn' }),
      USED,
    ],
  },
  tool: [
    awsMessage('messageStart', { role: 'assistant' }),
    awsMessage('contentBlockStart', {
      contentBlockIndex: 0,
      start: { toolUse: { toolUseId: 'tooluse_1', name: 'lookup' } },
    }),
    awsMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: ARGUMENTS } } }),
    awsMessage('contentBlockStop', { contentBlockIndex: 0 }),
    awsMessage('messageStop', { stopReason: 'tool_use' }),
    USED,
  ],
  usage: { inputTokens: 12, cachedInputTokens: 4, outputTokens: 5, source: 'reported' },
  badKey: [403, { message: 'The security token included in the request is invalid.' }],
  tooMany: { message: 'Too many requests, please wait before trying again.' },
};

/** Those with an API of their own. */
export const OTHER_CASES: readonly ProviderCase[] = [
  ANTHROPIC,
  google({
    provider: 'google',
    env: { GOOGLE_GENERATIVE_AI_API_KEY: 'key-google' },
    url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
  }),
  google({
    provider: 'vertex',
    env: { GOOGLE_VERTEX_API_KEY: 'key-vertex' },
    url: 'https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
  }),
  COHERE,
  BEDROCK,
];
