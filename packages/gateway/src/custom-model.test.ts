import type { LanguageModelV4, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { createOpenAI } from '@ai-sdk/openai';
import { describe, expect, test } from 'vitest';
import { cannedFetch, cannedGateway, partsStream, request } from './test-support/canned.ts';
import type { GatewayError } from './index.ts';

const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};

const text = (delta: string): LanguageModelV4StreamPart => ({ type: 'text-delta', id: '0', delta });
const finish = (
  unified: 'stop' | 'interrupted' | 'error' | 'other',
  raw?: string,
): LanguageModelV4StreamPart => ({ type: 'finish', finishReason: { unified, raw }, usage: USAGE });

/** A model of the user's own, on a connection that the gateway does not see. */
function ownModel(doStream: LanguageModelV4['doStream']) {
  const model: LanguageModelV4 = {
    specificationVersion: 'v4',
    provider: 'own',
    modelId: 'model',
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('not used')),
    doStream,
  };
  return cannedGateway('openai', () => Promise.reject(new Error('not used')), {
    roles: { classify: ['own/model'] },
    providers: { own: { model: () => model } },
  });
}

const ask = async (doStream: LanguageModelV4['doStream']) => {
  const { clock, gateway } = ownModel(doStream);
  return clock.run(gateway.generate(request()).catch((error: GatewayError) => error));
};
const answering = (...parts: LanguageModelV4StreamPart[]) =>
  ask(async () => ({ stream: partsStream(parts) }));

describe('a model on a connection of its own is believed about its end', () => {
  test.each([
    ['stop', [text('Hello'), finish('stop', 'stop')]],
    ['an own word', [text('Hello'), finish('other', 'eos')]],
  ])('%s is complete', async (_, parts) => {
    expect(await answering(...parts)).toMatchObject({
      text: 'Hello',
      usage: { source: 'reported' },
      costUsd: null,
    });
  });

  test.each([
    ['no finish at all', [text('Hel')], 'PROVIDER_INTERRUPTED'],
    ['interrupted', [text('Hel'), finish('interrupted')], 'PROVIDER_INTERRUPTED'],
    ['another end without a word', [text('Hel'), finish('other')], 'PROVIDER_INTERRUPTED'],
    ['an error', [text('Hel'), finish('error', 'error')], 'PROVIDER_ERROR'],
    ['an error part', [text('Hel'), { type: 'error', error: new Error('boom') }], 'PROVIDER_ERROR'],
    ['an error part without a value', [{ type: 'error', error: undefined }], 'PROVIDER_ERROR'],
  ] as const)('%s is not', async (_, parts, code) => {
    expect(await answering(...parts)).toMatchObject({ code });
  });

  test('the answer inside an error of the AI SDK is judged like any other', async () => {
    const error = Object.assign(new Error('rate limited'), {
      statusCode: 429,
      responseHeaders: { 'retry-after': '7' },
      responseBody: '{"error":{"type":"rate_limit_error","message":"slow down"}}',
    });
    expect(await ask(() => Promise.reject(error))).toMatchObject({ code: 'RATE_LIMITED', retryInMs: 7_000 });
  });
});

const silent = () => new Promise<never>(() => {});
const endless = async () => ({ stream: new ReadableStream<LanguageModelV4StreamPart>() });

test.each([silent, endless])('a model that ignores its signal is left all the same', async (doStream) => {
  const { clock, gateway } = ownModel(doStream);
  const failure = (deadline: { atMs: number }) =>
    clock.run(gateway.generate(request({ deadline })).catch((error: GatewayError) => error));
  // Its headers are nobody's to see, so only the first chunk is waited for.
  expect(await failure({ atMs: 20_000 })).toMatchObject({
    code: 'PROVIDER_STALLED',
    attempts: [{ ms: 10_000 }],
  });
  expect(await failure({ atMs: 13_000 })).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    attempts: [{ ms: 3_000 }],
  });
  expect(clock.pendingTimers()).toBe(0);
});

test('an AI SDK model that uses the fetch handed in goes through the gateway', async () => {
  const upstream = cannedFetch({
    chunks: [
      'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    ],
  });
  const { gateway } = cannedGateway('openai', upstream.fetch, {
    roles: { classify: ['own/gpt-5-mini'] },
    providers: {
      own: {
        model: (modelId, fetch) =>
          createOpenAI({ apiKey: 'sk-own', baseURL: 'http://own.test/v1', fetch }).chat(modelId),
        pricedAs: 'openai',
        identifyCalls: true,
      },
    },
  });
  const { costUsd, attempts } = await gateway.generate(request());
  expect(attempts).toMatchObject([{ outcome: 'ok', status: 200 }]);
  expect(costUsd).toBeGreaterThan(0);
  expect(upstream.requests[0]?.headers.get('x-paceline-call')).toBe('run-r0/triage/0/1');
});
