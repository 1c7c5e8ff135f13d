import { expect, test } from 'vitest';
import { createWorld, eventsOf, observe } from '../test-support/observe.ts';
import { at, readAnswer } from '../test-support/read-answer.ts';

const REFUND_TOOL = {
  name: 'issueRefund',
  description: 'Gives the customer the money back',
  schema: { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] },
};
const LABELS = {
  type: 'object',
  properties: { label: { enum: ['refund', 'bug', 'other'] } },
  required: ['label'],
};

test('events come in order and every event carries its name', async () => {
  const { text, headers, status } = await observe('anthropic', {}, createWorld());
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'x-simulated': 'true', 'request-id': expect.stringMatching(/^req_/) });
  const events = eventsOf(text);
  expect(events.every(({ event, json }) => event === json?.['type'])).toBe(true);
  const names = events.map(({ event }) => event);
  expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  expect(events[0]?.json).toMatchObject({
    message: {
      role: 'assistant',
      model: 'anthropic-mini',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 7, output_tokens: 1 },
    },
  });
  expect(readAnswer('anthropic', text)).toEqual({
    text: 'This is a simulated answer; no model was asked.',
    toolCalls: [],
    finish: 'end_turn',
    usage: { input: 7, output: 12 },
  });
});

test('a tool call is a block of its own with fragments of its input', async () => {
  const ask = { text: 'I want a refund for order A-1042', tools: [REFUND_TOOL] };
  const { text } = await observe('anthropic', ask, createWorld());
  const start = eventsOf(text).find(({ event }) => event === 'content_block_start');
  expect(start?.json).toMatchObject({
    index: 0,
    content_block: { type: 'tool_use', id: expect.stringMatching(/^toolu_/), name: 'issueRefund', input: {} },
  });
  expect(readAnswer('anthropic', text)).toMatchObject({
    toolCalls: [{ name: 'issueRefund', input: { orderId: 'A-1042' } }],
    finish: 'tool_use',
  });
});

test('older models answer through a tool called json', async () => {
  const ask = {
    text: 'The app crashes',
    tools: [{ name: 'json', description: 'Respond with a JSON object.', schema: LABELS }],
    extra: { tool_choice: { type: 'tool', name: 'json' } },
  };
  const { text } = await observe('anthropic', ask, createWorld());
  expect(readAnswer('anthropic', text)).toMatchObject({
    toolCalls: [{ name: 'json', input: { label: 'bug' } }],
    finish: 'tool_use',
  });
});

test('with a json tool beside others, the other is called first and the answer follows its result', async () => {
  const tools = [REFUND_TOOL, { name: 'json', description: 'Respond with a JSON object.', schema: LABELS }];
  const any = { tool_choice: { type: 'any' } };
  const first = await observe('anthropic', { text: 'Refund A-1042', tools, extra: any }, createWorld());
  expect(readAnswer('anthropic', first.text).toolCalls[0]?.name).toBe('issueRefund');

  const messages = [
    { role: 'user', content: 'Refund A-1042' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'issueRefund', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: '{"done":true}' }] },
  ];
  const second = await observe('anthropic', { tools, extra: { ...any, messages } }, createWorld());
  expect(readAnswer('anthropic', second.text).toolCalls).toEqual([
    { name: 'json', input: { label: 'refund' } },
  ]);
});

test('an answer that is not streamed comes whole', async () => {
  const ask = { text: 'Refund A-1042 please', stream: false, tools: [REFUND_TOOL] };
  const { text } = await observe('anthropic', ask, createWorld());
  expect(JSON.parse(text)).toMatchObject({
    type: 'message',
    content: [{ type: 'tool_use', name: 'issueRefund', input: { orderId: 'A-1042' } }],
    stop_reason: 'tool_use',
    usage: { output_tokens: 5 },
  });
});

test.each([
  ['no model', { model: null }, 'model: Field required'],
  ['no max_tokens', { max_tokens: null }, 'max_tokens: Field required'],
  ['no messages', { messages: [] }, 'messages: at least one message is required'],
  [
    'a system role',
    { messages: [{ role: 'system', content: 'x' }] },
    "messages.0.role: Input should be 'user' or 'assistant'",
  ],
])('a request with %s is rejected the Anthropic way', async (_, extra, message) => {
  const { status, text } = await observe('anthropic', { extra }, createWorld());
  expect(status).toBe(400);
  expect(JSON.parse(text)).toEqual({ type: 'error', error: { type: 'invalid_request_error', message } });
});

test('the token limit ends the answer early and says so', async () => {
  const { text } = await observe('anthropic', { maxTokens: 3 }, createWorld());
  expect(readAnswer('anthropic', text)).toMatchObject({
    text: 'This is a si',
    finish: 'max_tokens',
    usage: { output: 3 },
  });
  expect(at(eventsOf(text).at(-1)?.json, 'type')).toBe('message_stop');
});
