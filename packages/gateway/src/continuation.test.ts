import { createVirtualClock } from '@paceline/resilience/testing';
import { describe, expect, test } from 'vitest';
import { createGateway } from './index.ts';
import { cannedFetch, request } from './test-support/canned.ts';
import type { Canned } from './test-support/canned.ts';
import type { AnswerFormat, GatewayError, ModelRequest, ModelStreamEvent } from './index.ts';

const event = (data: { readonly type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const START = [
  event({
    type: 'message_start',
    message: { id: 'm', model: 'm', usage: { input_tokens: 9, output_tokens: 1 } },
  } as never),
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never),
];
const END = [
  event({ type: 'content_block_stop', index: 0 } as never),
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } } as never),
  event({ type: 'message_stop' }),
];
const says = (text: string) =>
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } } as never);

const cut = (...texts: readonly string[]): Canned => ({ chunks: [...START, ...texts.map(says)] });
const whole = (...texts: readonly string[]): Canned => ({ chunks: [...START, ...texts.map(says), ...END] });
const refusal: Canned = {
  status: 400,
  headers: { 'content-type': 'application/json' },
  chunks: [
    JSON.stringify({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'This model does not support assistant message prefill.',
      },
    }),
  ],
};

const JSON_ANSWER: AnswerFormat = {
  type: 'json',
  name: 'answer',
  schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
};

const TOOLS = [{ name: 'find', description: 'Finds.', inputSchema: { type: 'object' } }];

interface Scene {
  readonly models?: readonly [first: string, second: string];
  readonly continuation?: boolean;
  readonly ask?: Partial<ModelRequest>;
}

/** What a reader gets when upstream answers the call's attempts with these, one after the other. */
async function read(answers: readonly Canned[], { models, continuation = true, ask }: Scene = {}) {
  const [first, second] = models ?? ['claude-haiku-4-5', 'claude-sonnet-4-5'];
  const clock = createVirtualClock();
  const bodies: { readonly messages: readonly { readonly role: string; readonly content: unknown }[] }[] = [];
  let at = 0;
  const gateway = createGateway({
    roles: { classify: { targets: [`one/${first}`, `two/${second}`], continuation } },
    providers: {
      one: { wire: 'anthropic', baseUrl: 'http://one.test/v1', pricedAs: 'anthropic' },
      two: { wire: 'anthropic', baseUrl: 'http://two.test/v1', pricedAs: 'anthropic' },
    },
    fetch: async (input, init) => {
      bodies.push(JSON.parse(String(init?.body)));
      return cannedFetch(answers[at++] ?? refusal).fetch(input, init);
    },
    clock,
  });
  const events: ModelStreamEvent[] = [];
  const listen = async () => {
    for await (const each of gateway.stream({ ...request(), answer: { type: 'text' }, ...ask }))
      events.push(each);
  };
  const error = await clock.run(
    listen().then(
      () => null,
      (thrown: GatewayError) => thrown,
    ),
  );
  const end = events.at(-1);
  const restarts = events.filter(({ type }) => type === 'restart');
  const sinceRestart = events.slice(events.findLastIndex(({ type }) => type === 'restart') + 1);
  const shown = sinceRestart.map((each) => (each.type === 'text-delta' ? each.text : '')).join('');
  return { bodies, restarts, shown, error, result: end?.type === 'end' ? end.result : null };
}

test('another target goes on from the text already shown', async () => {
  const { bodies, restarts, shown, result } = await read([
    cut('One two', ' three '),
    whole(' four', ' five.'),
  ]);
  expect(restarts).toEqual([]);
  expect(shown).toBe('One two three four five.');
  expect(result?.text).toBe(shown);
  expect(result?.attempts.map(({ kind, code }) => [kind, code])).toEqual([
    ['first', 'PROVIDER_INTERRUPTED'],
    ['continuation', undefined],
  ]);
  // Without the blank at its end, which the provider would refuse.
  expect(bodies[1]?.messages.at(-1)).toMatchObject({
    role: 'assistant',
    content: [{ type: 'text', text: 'One two three' }],
  });
});

test('each part of it is paid for', async () => {
  const { result } = await read([cut('One two'), whole(' three.')]);
  expect(result?.attempts.map(({ usage }) => usage?.source)).toEqual(['estimated', 'reported']);
  const [first, second] = result!.attempts.map(({ costUsd }) => costUsd!);
  expect(result?.costUsd).toBeCloseTo(first! + second!, 12);
  expect(Math.min(first!, second!)).toBeGreaterThan(0);
});

describe('starts over instead', () => {
  test.each([
    ['on a route that does not ask for it', { continuation: false }],
    ['on a model that refuses to go on', { models: ['claude-haiku-4-5', 'claude-opus-4-6'] as const }],
    ['when the answer is JSON', { ask: { answer: JSON_ANSWER } }],
    ['when tools are on offer', { ask: { tools: TOOLS } }],
  ])('%s', async (_, scene) => {
    const { bodies, restarts, shown, result } = await read([cut('{"a":'), whole('{"a":1}')], scene);
    expect(restarts).toHaveLength(1);
    expect(shown).toBe('{"a":1}');
    expect(result?.text).toBe(shown);
    expect(bodies[1]?.messages.at(-1)?.role).toBe('user');
  });

  test('after the beginning of a tool call', async () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'find', input: {} };
    const begun = [
      ...cut('Let me see. ').chunks,
      event({ type: 'content_block_start', index: 1, content_block: call } as never),
      event({
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: '{"q' },
      } as never),
    ];
    const { bodies, restarts, shown, result } = await read([{ chunks: begun }, whole('Found.')], {
      ask: { tools: TOOLS },
    });
    expect(restarts).toHaveLength(1);
    expect([shown, result?.text, result?.toolCalls]).toEqual(['Found.', 'Found.', []]);
    expect(bodies[1]?.messages.at(-1)?.role).toBe('user');
  });

  // Models without structured output of their own write JSON as the input of a tool. The adapter holds back all other text.
  test('and in silence, where JSON is asked for by way of a tool', async () => {
    const { bodies, restarts, shown, result } = await read([cut('{"a":'), whole('{"a":1}')], {
      models: ['claude-3-haiku-20240307', 'claude-3-haiku-20240307'],
      ask: { answer: JSON_ANSWER },
    });
    expect(restarts).toEqual([]);
    expect(shown).toBe('{"a":1}');
    expect(result?.text).toBe(shown);
    expect(bodies[1]?.messages.at(-1)?.role).toBe('user');
  });

  test('where the target refuses after all, which is no fault of the request', async () => {
    const { restarts, shown, result } = await read([cut('One two'), refusal, whole('Another answer.')]);
    expect(restarts).toMatchObject([{ code: 'PROVIDER_INTERRUPTED' }]);
    expect(shown).toBe('Another answer.');
    expect(result?.attempts.map(({ kind, target }) => [kind, target])).toEqual([
      ['first', 'one/claude-haiku-4-5'],
      ['continuation', 'two/claude-sonnet-4-5'],
      ['failover', 'two/claude-sonnet-4-5'],
    ]);
  });

  test('after a continuation that was cut as well: one in a call', async () => {
    const { restarts, shown, result } = await read([cut('One two'), cut(' three'), whole('Another answer.')]);
    expect(restarts).toHaveLength(1);
    expect(shown).toBe('Another answer.');
    expect(result?.text).toBe(shown);
    expect(result?.attempts.map(({ kind }) => kind)).toEqual(['first', 'continuation', 'retry']);
  });
});

test('part of an answer is never an answer, however far it was continued', async () => {
  const { error, result } = await read([cut('One two'), cut(' three'), cut('Another')]);
  expect(result).toBeNull();
  expect(error?.code).toBe('NO_TARGET_LEFT');
});
