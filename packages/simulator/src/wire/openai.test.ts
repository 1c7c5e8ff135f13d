import { expect, test } from 'vitest';
import { createWorld, jsonEventsOf, observe } from '../test-support/observe.ts';
import { at } from '../test-support/read-answer.ts';
import type { Json } from '../json.ts';

const LABELS = {
  type: 'object',
  properties: { label: { enum: ['refund', 'bug', 'other'] }, confidence: { type: 'number' } },
  required: ['label', 'confidence'],
};
const REFUND_TOOL = {
  name: 'issueRefund',
  description: 'Gives the customer the money back',
  schema: { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] },
};

const choicesOf = (text: string) => jsonEventsOf(text).map((chunk) => at(chunk, 'choices.0'));

test('a stream opens with the role, tells content, then one finish reason, then usage, then [DONE]', async () => {
  const { text, headers, status, end } = await observe('openai', {}, createWorld());
  expect({ status, end }).toEqual({ status: 200, end: 'closed' });
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'x-simulated': 'true',
  });
  expect(headers['x-request-id']).toMatch(/^req_/);

  const chunks = jsonEventsOf(text);
  const identities = new Set(
    chunks.map(({ id, object, created, model }) => JSON.stringify([id, object, created, model])),
  );
  expect([...identities]).toEqual([
    expect.stringContaining('"chat.completion.chunk",1767225600,"openai-mini"]'),
  ]);
  expect(at(chunks[0], 'choices.0.delta')).toEqual({ role: 'assistant', content: '', refusal: null });
  const content = chunks.slice(1, -2).map((chunk) => at(chunk, 'choices.0.delta'));
  expect(content.map((delta) => at(delta, 'content')).join('')).toBe(
    'This is a simulated answer; no model was asked.',
  );
  expect(chunks.slice(0, -2).every((chunk) => at(chunk, 'choices.0.finish_reason') === null)).toBe(true);
  expect(at(chunks.at(-2), 'choices.0')).toEqual({
    index: 0,
    delta: {},
    logprobs: null,
    finish_reason: 'stop',
  });
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 7, completion_tokens: 12, total_tokens: 19 },
  });
  expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
});

test('a stream says nothing about usage unless asked', async () => {
  const { text } = await observe('openai', { extra: { stream_options: null } }, createWorld());
  expect(text).not.toContain('usage');
  expect(text).not.toContain('"choices":[]');
  expect(text).toContain('[DONE]');
});

test('a tool call opens with its id and name, then comes in fragments under the same index', async () => {
  const ask = { text: 'I want a refund for order A-1042', tools: [REFUND_TOOL] };
  const { text } = await observe('openai', ask, createWorld());
  const deltas = choicesOf(text).flatMap((choice) => at(choice, 'delta.tool_calls.0') ?? []);
  expect(deltas[0]).toEqual({
    index: 0,
    id: expect.stringMatching(/^call_/),
    type: 'function',
    function: { name: 'issueRefund', arguments: '' },
  });
  for (const delta of deltas.slice(1))
    expect(delta).toEqual({ index: 0, function: { arguments: expect.any(String) } });
  expect(deltas.length).toBeGreaterThan(1);
  const input = deltas.map((delta) => at(delta, 'function.arguments')).join('');
  expect(JSON.parse(input)).toEqual({ orderId: 'A-1042' });
  expect(choicesOf(text).map((choice) => at(choice, 'finish_reason'))).toContain('tool_calls');
});

test('log probabilities are given when asked for, and the tokens of the label add up to its confidence', async () => {
  const ask = { text: 'The app crashes and I get an error', schema: LABELS, extra: { logprobs: true } };
  const { text } = await observe('openai', ask, createWorld());
  const answer = choicesOf(text)
    .map((choice) => at(choice, 'delta.content') ?? '')
    .join('');
  const { label, confidence } = JSON.parse(answer) as { label: string; confidence: number };
  expect(label).toBe('bug');

  const tokens = choicesOf(text).flatMap((choice) => (at(choice, 'logprobs.content') ?? []) as Json[]);
  expect(tokens.map((token) => at(token, 'token')).join('')).toBe(answer);
  const first = tokens.findIndex((token) => at(token, 'token') === 'bug"' || at(token, 'token') === 'bug');
  expect(Math.exp(Number(at(tokens[first], 'logprob')))).toBeCloseTo(confidence, 6);
  const others = tokens.filter((_, index) => index !== first).map((token) => Number(at(token, 'logprob')));
  expect(Math.min(...others)).toBeGreaterThan(-0.01);
});

test('log probabilities are absent when nobody asks', async () => {
  const { text } = await observe('openai', {}, createWorld());
  expect(choicesOf(text).every((choice) => choice === undefined || at(choice, 'logprobs') === null)).toBe(
    true,
  );
});

test('an answer that is not streamed comes whole', async () => {
  const ask = { text: 'Refund A-1042 please', stream: false, tools: [REFUND_TOOL] };
  const { text, headers } = await observe('openai', ask, createWorld());
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(text)).toMatchObject({
    object: 'chat.completion',
    choices: [
      {
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [
            { type: 'function', function: { name: 'issueRefund', arguments: '{"orderId":"A-1042"}' } },
          ],
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage: { completion_tokens: 5 },
  });
});

test.each([
  ['no model', { model: null }, 'you must provide a model parameter'],
  ['no messages', { messages: [] }, "Invalid 'messages': expected a non-empty array."],
  [
    'a message without a role',
    { messages: [{ role: 'user', content: 'a' }, 7] },
    "Invalid value in 'messages[1]'.",
  ],
])('a request with %s is rejected the OpenAI way', async (_, extra, message) => {
  const { status, text } = await observe('openai', { extra }, createWorld());
  expect(status).toBe(400);
  expect(JSON.parse(text)).toEqual({
    error: { message, type: 'invalid_request_error', param: null, code: null },
  });
});
