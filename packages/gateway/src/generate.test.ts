import { describe, expect, test } from 'vitest';
import { createWorld, TARGETS, WIRE_NAMES } from './test-support/world.ts';
import type { JsonSchema, ToolSpec } from './index.ts';

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
        outcome: 'ok',
        status: 200,
        startedAfterMs: 0,
        ms: result.ms,
        firstChunkMs: expect.any(Number),
        usage: result.usage,
        costUsd: result.costUsd,
        priceTable: expect.stringMatching(/^genai-prices@\d+\.\d+\.\d+$/),
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
