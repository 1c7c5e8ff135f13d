import { describe, expect, test } from 'vitest';
import { createWorld, TARGETS, WIRE_NAMES } from './test-support/world.ts';
import { cannedFetch, cannedGateway, request } from './test-support/canned.ts';
import type { JsonSchema, ProviderConfig, ToolSpec } from './index.ts';

const LABEL: JsonSchema = {
  type: 'object',
  properties: { label: { type: 'string', enum: ['refund', 'bug', 'other'] } },
  required: ['label'],
  additionalProperties: false,
};

const REFUND: ToolSpec = {
  name: 'issueRefund',
  description: 'Refunds an order.',
  inputSchema: {
    type: 'object',
    properties: { orderId: { type: 'string' }, amountUsd: { type: 'number' } },
    required: ['orderId', 'amountUsd'],
    additionalProperties: false,
  },
};

describe.each(WIRE_NAMES)('over the %s wire', (wire) => {
  const target = TARGETS[wire];

  test('a text answer comes whole, with usage, price and record', async () => {
    const { generate, clock } = createWorld({ targets: [target] });
    const result = await generate();
    expect(result.text.length).toBeGreaterThan(10);
    expect(result).toMatchObject({ finishReason: 'stop', servedBy: target, toolCalls: [] });
    expect(result.usage.source).toBe('reported');
    expect(result.costUsd).toBeGreaterThan(0);
    expect(result.attempts).toEqual([
      {
        attempt: 1,
        kind: 'first',
        target,
        reason: 'preferred',
        outcome: 'ok',
        status: 200,
        startedAfterMs: 0,
        ms: result.ms,
        firstChunkMs: expect.any(Number),
        usage: result.usage,
        costUsd: result.costUsd,
        costSource: 'computed',
        priceTable: expect.stringMatching(/^genai-prices@\d+\.\d+\.\d+$/),
        savedUsd: 0,
      },
    ]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('a JSON answer follows the schema', async () => {
    const { generate } = createWorld({ targets: [target] });
    const { text } = await generate({ answer: { type: 'json', name: 'label', schema: LABEL } });
    expect(['refund', 'bug', 'other']).toContain(JSON.parse(text).label);
  });

  test('a tool call comes parsed, and its result goes back', async () => {
    const { generate } = createWorld({ targets: [target] });
    const messages = [{ role: 'user' as const, text: 'Please refund order A-123, 20 dollars.' }];
    const first = await generate({ messages, tools: [REFUND] });
    expect(first.finishReason).toBe('tool-calls');
    expect(first.toolCalls).toEqual([
      {
        id: expect.any(String),
        name: 'issueRefund',
        input: { orderId: expect.any(String), amountUsd: expect.any(Number) },
      },
    ]);
    const [call] = first.toolCalls;
    const second = await generate({
      tools: [REFUND],
      messages: [
        ...messages,
        { role: 'assistant', text: first.text, toolCalls: first.toolCalls },
        { role: 'tool', toolCallId: call!.id, toolName: call!.name, result: { ok: true } },
      ],
    });
    expect(second.finishReason).toBe('stop');
    expect(second.text.length).toBeGreaterThan(0);
  });
});

test('log probabilities come where the provider has them', async () => {
  const { generate } = createWorld({ targets: ['openai/gpt-4.1-mini'] });
  const { logprobs } = await generate({ logprobs: true });
  expect(logprobs?.length).toBeGreaterThan(0);
  expect(logprobs?.[0]).toEqual({ token: expect.any(String), logprob: expect.any(Number) });
  expect(await generate()).not.toHaveProperty('logprobs');
});

test('a host that speaks Chat Completions is an openai-compatible provider', async () => {
  const { simulator, generate } = createWorld({
    config: {
      roles: { classify: ['inhouse/qwen-3'] },
      providers: { inhouse: { wire: 'openai-compatible', baseUrl: 'http://simulator.invalid/openai/v1' } },
    },
  });
  const { text, servedBy, costUsd, usage } = await generate();
  expect(text.length).toBeGreaterThan(10);
  expect(servedBy).toBe('inhouse/qwen-3');
  expect(usage.source).toBe('reported');
  expect(costUsd).toBeNull();
  expect(simulator.calls[0]).toMatchObject({ provider: 'openai', model: 'qwen-3' });
});

describe('what is sent upstream', () => {
  const chunks = [
    'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
  ];

  test('the call is named only where the config asks for it', async () => {
    const upstream = cannedFetch({ chunks });
    const named = { wire: 'openai', baseUrl: 'http://a.test/v1', identifyCalls: true } as const;
    const { gateway } = cannedGateway('openai', upstream.fetch, { providers: { openai: named } });
    await gateway.generate(request({ call: { runId: 'run_7', step: 'triage', turn: 2 } }));
    expect(upstream.requests[0]?.headers.get('x-paceline-call')).toBe('run_7/triage/2/1');

    const quiet = cannedFetch({ chunks });
    await cannedGateway('openai', quiet.fetch).gateway.generate(request());
    expect(quiet.requests[0]?.headers.has('x-paceline-call')).toBe(false);
  });

  test('a credential comes from the environment and goes to its own origin alone', async () => {
    const env = { OPENAI_API_KEY: 'sk-default', OTHER_KEY: 'sk-other' };
    const sent = async (provider: ProviderConfig | null) => {
      const upstream = cannedFetch({ chunks });
      const providers = provider === null ? {} : { openai: provider };
      await cannedGateway('openai', upstream.fetch, { providers, env }).gateway.generate(request());
      const [first] = upstream.requests;
      return [first?.url, first?.headers.get('authorization')];
    };
    const official = 'https://api.openai.com/v1/chat/completions';
    expect(await sent(null)).toEqual([official, 'Bearer sk-default']);
    expect(await sent({ wire: 'openai', apiKey: 'env:OTHER_KEY' })).toEqual([official, 'Bearer sk-other']);
    expect(await sent({ wire: 'openai', baseUrl: 'http://a.test/v1' })).toEqual([
      'http://a.test/v1/chat/completions',
      'Bearer none',
    ]);
  });

  test('a schema is strict only if it qualifies', async () => {
    const loose: JsonSchema = {
      type: 'object',
      properties: { note: { type: 'string' } },
      additionalProperties: false,
    };
    const upstream = cannedFetch({ chunks });
    const { gateway } = cannedGateway('openai', upstream.fetch);
    for (const schema of [LABEL, loose]) {
      await gateway.generate(request({ answer: { type: 'json', name: 'label', schema } }));
    }
    expect(upstream.requests[0]?.body).toMatchObject({ response_format: { json_schema: { strict: true } } });
    expect(upstream.requests[1]?.body).toMatchObject({ response_format: { json_schema: { strict: false } } });
  });

  test('limits on the output and the temperature are passed on, and streaming is always asked for', async () => {
    const upstream = cannedFetch({ chunks });
    const config = { roles: { classify: ['openai/gpt-4o-mini'] } };
    const { gateway } = cannedGateway('openai', upstream.fetch, config);
    await gateway.generate(request({ maxOutputTokens: 7, temperature: 0.5 }));
    expect(upstream.requests[0]?.body).toMatchObject({ max_tokens: 7, temperature: 0.5, stream: true });
  });
});

test('usage that the provider leaves out is estimated and flagged', async () => {
  const chunks = [
    'data: {"choices":[{"index":0,"delta":{"content":"Twelve bytes"},"finish_reason":"stop"}]}\n\n',
  ];
  const { gateway } = cannedGateway('openai', cannedFetch({ chunks }).fetch);
  const { usage, costUsd } = await gateway.generate(request());
  expect(usage).toMatchObject({ source: 'estimated', outputTokens: 3 });
  expect(usage.inputTokens).toBeGreaterThan(0);
  expect(costUsd).toBeGreaterThan(0);
});

test.each([
  { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 50 } },
  { prompt_tokens: -10, completion_tokens: 5 },
])('usage that cannot be is estimated as well', async (reported) => {
  const chunks = [
    'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n',
    `data: ${JSON.stringify({ choices: [], usage: { ...reported, total_tokens: 15 } })}\n\ndata: [DONE]\n\n`,
  ];
  const { gateway } = cannedGateway('openai', cannedFetch({ chunks }).fetch);
  expect((await gateway.generate(request())).usage.source).toBe('estimated');
});

test('an answer cut by its own token limit is handed over as such', async () => {
  const chunks = [
    'data: {"choices":[{"index":0,"delta":{"content":"Once upon"},"finish_reason":"length"}]}\n\n',
  ];
  const { gateway } = cannedGateway('openai', cannedFetch({ chunks }).fetch);
  expect(await gateway.generate(request())).toMatchObject({ text: 'Once upon', finishReason: 'length' });
});

test('an unknown route and an empty conversation are refused before anything is sent', async () => {
  const { failure, simulator } = createWorld();
  expect(await failure({ route: 'clasify' })).toMatchObject({
    code: 'REQUEST_INVALID',
    message: expect.stringContaining('Did you mean classify?'),
  });
  expect((await failure({ messages: [] })).code).toBe('REQUEST_INVALID');
  expect(simulator.calls).toEqual([]);
});

describe('events', () => {
  test('tell of each attempt and of the call', async () => {
    const { gateway, generate } = createWorld({ faults: { openai: [{ fault: 'overloaded' }] } });
    const heard: unknown[] = [];
    gateway.events.on('attempt-start', ({ target, kind, reason }) =>
      heard.push(['start', target, kind, reason]),
    );
    gateway.events.on('attempt-end', ({ record }) => heard.push(['end', record.target, record.outcome]));
    gateway.events.on('call-end', ({ call, ok, ms }) => heard.push(['call', call.step, ok, ms]));
    const { ms } = await generate();
    expect(heard).toEqual([
      ['start', TARGETS.openai, 'first', 'preferred'],
      ['end', TARGETS.openai, 'error'],
      ['start', TARGETS.anthropic, 'failover', 'fallback'],
      ['end', TARGETS.anthropic, 'ok'],
      ['call', 'triage', true, ms],
    ]);
  });
});
