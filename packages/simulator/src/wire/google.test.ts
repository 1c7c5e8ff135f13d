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

test('content comes in events without a finish reason; the last one has it, and the usage', async () => {
  const { text, status, headers } = await observe('google', {}, createWorld());
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'x-simulated': 'true',
  });
  const events = eventsOf(text);
  expect(events.every(({ event }) => event === undefined)).toBe(true);
  const reasons = events.map(({ json }) => at(json, 'candidates.0.finishReason'));
  expect(reasons).toEqual([...Array.from({ length: events.length - 1 }, () => undefined), 'STOP']);
  expect(events.at(-1)?.json).toMatchObject({
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 12, totalTokenCount: 19 },
    modelVersion: 'google-mini',
  });
  expect(new Set(events.map(({ json }) => json?.['responseId'])).size).toBe(1);
  expect(readAnswer('google', text).text).toBe('This is a simulated answer; no model was asked.');
});

test('a function call comes whole in one event', async () => {
  const { text } = await observe('google', { text: 'Refund A-1042', tools: [REFUND_TOOL] }, createWorld());
  expect(readAnswer('google', text)).toMatchObject({
    toolCalls: [{ name: 'issueRefund', input: { orderId: 'A-1042' } }],
    finish: 'STOP',
  });
  expect(eventsOf(text)).toHaveLength(2);
});

test('a schema may come as responseJsonSchema or, in capitals, as responseSchema', async () => {
  const json = await observe('google', { text: 'It crashes', schema: LABELS }, createWorld());
  expect(readAnswer('google', json.text).text).toBe('{"label":"bug"}');
  const responseSchema = {
    type: 'OBJECT',
    properties: { label: { type: 'STRING', enum: ['refund', 'bug'] } },
  };
  const extra = { generationConfig: { responseMimeType: 'application/json', responseSchema } };
  const open = await observe('google', { text: 'It crashes', extra }, createWorld());
  expect(readAnswer('google', open.text).text).toBe('{"label":"bug"}');
});

test('models that refuse JSON beside tools answer through a json tool once the other has its result', async () => {
  const tools = [REFUND_TOOL, { name: 'json_1', description: 'Respond with a JSON object.', schema: LABELS }];
  const toolConfig = { functionCallingConfig: { mode: 'ANY' } };
  const first = await observe(
    'google',
    { text: 'Refund A-1042', tools, extra: { toolConfig } },
    createWorld(),
  );
  expect(readAnswer('google', first.text).toolCalls[0]?.name).toBe('issueRefund');
  const contents = [
    { role: 'user', parts: [{ text: 'Refund A-1042' }] },
    { role: 'model', parts: [{ functionCall: { name: 'issueRefund', args: {} } }] },
    {
      role: 'user',
      parts: [
        { functionResponse: { name: 'issueRefund', response: { name: 'issueRefund', content: '{}' } } },
      ],
    },
  ];
  const second = await observe('google', { tools, extra: { toolConfig, contents } }, createWorld());
  expect(readAnswer('google', second.text).toolCalls).toEqual([
    { name: 'json_1', input: { label: 'refund' } },
  ]);
});

test.each([
  [{ mode: 'NONE' }, []],
  [{ mode: 'ANY', allowedFunctionNames: ['issueRefund'] }, ['issueRefund']],
  [{ mode: 'ANY' }, ['issueRefund']],
])('the calling mode %j is obeyed', async (functionCallingConfig, called) => {
  const extra = { toolConfig: { functionCallingConfig } };
  const { text } = await observe('google', { text: 'Refund', tools: [REFUND_TOOL], extra }, createWorld());
  expect(readAnswer('google', text).toolCalls.map(({ name }) => name)).toEqual(called);
});

test('an answer that is not streamed comes whole', async () => {
  const ask = { text: 'Refund A-1042 please', stream: false, tools: [REFUND_TOOL] };
  const { text } = await observe('google', ask, createWorld());
  expect(JSON.parse(text)).toMatchObject({
    candidates: [
      {
        content: {
          role: 'model',
          parts: [{ functionCall: { name: 'issueRefund', args: { orderId: 'A-1042' } } }],
        },
        finishReason: 'STOP',
      },
    ],
    usageMetadata: { candidatesTokenCount: 5 },
  });
});

test.each([
  ['no contents', { contents: [] }, '* GenerateContentRequest.contents: contents is not specified'],
  [
    'an unknown role',
    { contents: [{ role: 'assistant', parts: [] }] },
    'Please use a valid role: user, model.',
  ],
])('a request with %s is rejected the Google way', async (_, extra, message) => {
  const { status, text } = await observe('google', { extra }, createWorld());
  expect(status).toBe(400);
  expect(JSON.parse(text)).toEqual({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } });
});

test('streaming without alt=sse is not simulated', async () => {
  const { clock, sim } = createWorld();
  const url = 'http://any/google/v1beta/models/m:streamGenerateContent';
  const response = await clock.run(sim.fetch(url, { method: 'POST', body: '{}' }));
  expect(response.status).toBe(404);
});
