import { deadlineIn, systemClock } from '@paceline/resilience';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createGateway } from '../index.ts';
import { cannedFetch, request } from '../test-support/canned.ts';
import { CHAT_CASES, LOCAL_CASES, MAKER_CASES } from '../test-support/answers/chat.ts';
import { OTHER_CASES } from '../test-support/answers/others.ts';
import { KNOWN_HOSTS } from './hosts.ts';
import type { GatewayError, ModelRequest, ModelResult, ProviderConfig } from '../index.ts';
import type { Canned } from '../test-support/canned.ts';
import type { ProviderCase } from '../test-support/answers/provider-case.ts';

const PROVIDER_CASES = [...CHAT_CASES, ...MAKER_CASES, ...LOCAL_CASES, ...OTHER_CASES];

interface Asked extends Partial<ModelRequest> {
  /** Its entry in the config. @default none: it works by name */
  readonly own?: ProviderConfig;
}

/** One call of a provider that gives the canned answer. In real time, as loading packages and signing requests takes some. */
async function ask(known: ProviderCase, canned: Canned, { own, ...overrides }: Asked = {}) {
  const { provider, model, env, contentType } = known;
  const upstream = cannedFetch({ headers: { 'content-type': contentType }, ...canned });
  const gateway = createGateway({
    roles: { classify: [`${provider}/${model}`] },
    ...(own !== undefined && { providers: { [provider]: own } }),
    policy: { failover: false },
    fetch: upstream.fetch,
    env,
  });
  const deadline = deadlineIn(systemClock, 60_000);
  const settled = await gateway.generate(request({ deadline, ...overrides })).then(
    (result: ModelResult) => ({ result, error: undefined }),
    (error: GatewayError) => ({ result: undefined, error }),
  );
  return { ...settled, sent: upstream.requests[0] };
}

const answer = ({ text }: ProviderCase): Canned => ({ chunks: [...text.head, ...text.tail] });

const LOOKUP = {
  name: 'lookup',
  description: 'Looks an order up.',
  inputSchema: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
} as const;

const LABEL = {
  type: 'json',
  name: 'label',
  schema: {
    type: 'object',
    properties: { label: { type: 'string' } },
    required: ['label'],
    additionalProperties: false,
  },
} as const;

/** Variables that adapters look for by themselves when they are not told. */
const TEMPTATIONS = [
  'OPENAI_API_KEY OPENAI_BASE_URL OPENAI_ORG_ID ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL',
  'GOOGLE_GENERATIVE_AI_API_KEY GOOGLE_VERTEX_API_KEY GOOGLE_VERTEX_PROJECT GOOGLE_VERTEX_LOCATION GOOGLE_CLIENT_EMAIL',
  'GOOGLE_PRIVATE_KEY AZURE_API_KEY AZURE_RESOURCE_NAME AZURE_API_VERSION AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK AWS_ENDPOINT_URL AWS_ENDPOINT_URL_BEDROCK_RUNTIME MISTRAL_API_KEY GROQ_API_KEY',
  'COHERE_API_KEY DEEPSEEK_API_KEY TOGETHER_API_KEY TOGETHER_AI_API_KEY FIREWORKS_API_KEY CEREBRAS_API_KEY PERPLEXITY_API_KEY',
].flatMap((names) => names.split(' '));

afterEach(() => vi.unstubAllEnvs());

test('every known provider is in the table below', () => {
  expect(PROVIDER_CASES.map(({ provider }) => provider).toSorted()).toEqual(
    Object.keys(KNOWN_HOSTS).toSorted(),
  );
});

test('every known provider has its line in the documentation, with what it needs', () => {
  const page = readFileSync(new URL('../../../../docs/providers.md', import.meta.url), 'utf8');
  for (const [name, { keyVariable, adapter }] of Object.entries(KNOWN_HOSTS)) {
    const line = page.split('\n').find((each) => each.startsWith(`| \`${name}\``));
    for (const needed of [keyVariable, adapter?.package]) expect(line).toContain(needed ?? '');
  }
});

describe.each(PROVIDER_CASES)('$provider', (known) => {
  test('streams text, and its usage is read', async () => {
    const { result } = await ask(known, answer(known));
    expect(result).toMatchObject({ text: 'Hello', finishReason: 'stop', usage: known.usage });
  });

  test('is told the schema of an answer, or at least that it is JSON', async () => {
    const { sent } = await ask(known, answer(known), { answer: LABEL });
    const told = JSON.stringify(sent?.body);
    expect(told).toContain(
      KNOWN_HOSTS[known.provider]?.schemas ? '"additionalProperties":false' : 'json_object',
    );
  });

  test('an answer that ends before the model has finished is an error', async () => {
    const { error } = await ask(known, { chunks: known.text.head });
    expect(error?.code).toBe('PROVIDER_INTERRUPTED');
  });

  test('wherever an answer is cut, it is whole or an error', async () => {
    const { head, tail } = known.text;
    const bytes = Buffer.concat([...head, ...tail].map((piece) => Buffer.from(piece as Uint8Array)));
    const step = Math.ceil(bytes.length / 8);
    for (let end = 1; end < bytes.length; end += step) {
      const { result, error } = await ask(known, { chunks: [bytes.subarray(0, end)] });
      expect(result?.text ?? error?.code).toBe(result ? 'Hello' : 'PROVIDER_INTERRUPTED');
    }
  });

  test('says that a key is bad, and that there are too many requests', async () => {
    const refused = (status: number, body: unknown) =>
      ask(known, { status, headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(body)] });
    expect((await refused(...known.badKey)).error?.code).toBe('AUTH_REJECTED');
    expect((await refused(429, known.tooMany)).error?.code).toBe('RATE_LIMITED');
  });

  test('is sent its own key, in its header, and nothing of the environment that it was not given', async () => {
    for (const name of TEMPTATIONS) vi.stubEnv(name, `https://poison.test/${name}`);
    const { sent } = await ask(known, answer(known));
    const [header, value] = known.auth;
    expect(sent?.url).toBe(known.url);
    expect(sent?.headers.get(header) ?? '').toMatch(value);
    expect(JSON.stringify([sent?.url, [...(sent?.headers ?? [])], sent?.body])).not.toContain('poison');
  });

  test('keeps its default key from an address that the config names', async () => {
    const secrets = Object.values(known.env).filter((value) => value.startsWith('key-'));
    for (const name of TEMPTATIONS) vi.stubEnv(name, `https://poison.test/${name}`);
    const { sent } = await ask(known, answer(known), { own: { baseUrl: 'https://elsewhere.test/v1' } });
    expect(new URL(sent?.url ?? '').host).toBe('elsewhere.test');
    const everything = JSON.stringify([sent?.url, [...(sent?.headers ?? [])], sent?.body]);
    for (const secret of [...secrets, 'poison']) expect(everything).not.toContain(secret);
  });
});

test.each(PROVIDER_CASES.filter(({ tool }) => tool !== null))('$provider calls a tool', async (known) => {
  const { result } = await ask(known, { chunks: known.tool ?? [] }, { tools: [LOOKUP] });
  expect(result).toMatchObject({
    finishReason: 'tool-calls',
    toolCalls: [{ name: 'lookup', input: { order: 'A-1' } }],
    usage: known.usage,
  });
});

/** Those that a package of their own serves, where it is installed and nothing else is said. */
const SERVED_BY_EITHER = PROVIDER_CASES.filter(({ provider }) => {
  const host = KNOWN_HOSTS[provider];
  return host?.adapter && !host.needsAdapter;
});

test.each(SERVED_BY_EITHER)(
  '$provider is served by its own package, or by what is built in',
  async (known) => {
    const agentOf = async (asked: Asked) => {
      const { result, sent } = await ask(known, answer(known), asked);
      expect(result?.text).toBe('Hello');
      return sent?.headers.get('user-agent') ?? '';
    };
    expect(await agentOf({ own: { wire: 'openai-compatible' } })).toContain('openai-compatible');
    expect(await agentOf({})).toContain(`ai-sdk`);
    expect(await agentOf({})).not.toBe(await agentOf({ own: { wire: 'openai-compatible' } }));
  },
);
