import { beforeEach, describe, expect, test, vi } from 'vitest';
import { deadlineIn, systemClock } from '@paceline/resilience';
import { createGateway, missingCredentials, missingPackages } from '../index.ts';
import { cannedFetch, request } from '../test-support/canned.ts';
import { awsMessage } from '../test-support/aws-messages.ts';
import { isInstalled } from './installed.ts';
import { findProvider } from './registry.ts';
import type { GatewayConfig } from '../index.ts';
import type * as Installed from './installed.ts';

const { installed } = vi.hoisted(() => ({ installed: { all: true } }));
vi.mock('./installed.ts', async (original) => {
  const real = await original<typeof Installed>();
  return { isInstalled: (name: string) => installed.all && real.isInstalled(name) };
});
beforeEach(() => void (installed.all = true));

const found = (name: string, config: Partial<GatewayConfig> = {}, env = {}) =>
  findProvider({ provider: name, endpoint: null }, { roles: {}, ...config }, env);

test('a package is installed or not', () => {
  expect(isInstalled('@ai-sdk/cohere')).toBe(true);
  expect(isInstalled('@ai-sdk/no-such-provider')).toBe(false);
});

describe('without its package', () => {
  test('a provider that speaks Chat Completions needs none', () => {
    installed.all = false;
    expect(found('mistral')?.missingPackage()).toBeNull();
  });

  test.each([
    ['cohere', '@ai-sdk/cohere'],
    ['bedrock', '@ai-sdk/amazon-bedrock'],
    ['azure', '@ai-sdk/azure'],
    ['vertex', '@ai-sdk/google-vertex'],
  ])('%s is not there', (name, needed) => {
    expect(found(name)?.missingPackage()).toBeNull();
    installed.all = false;
    expect(found(name)?.missingPackage()).toBe(needed);
  });

  test('a target is passed over for another, and alone says how to get it', async () => {
    installed.all = false;
    const env = { COHERE_API_KEY: 'k', OPENAI_API_KEY: 'k' };
    const config: GatewayConfig = {
      roles: { classify: ['cohere/command-a-03-2025', 'openai/gpt-5-mini'] },
      routes: { alone: ['cohere/command-a-03-2025'] },
      fetch: cannedFetch({ status: 500, chunks: [] }).fetch,
      policy: { attempts: 1 },
      env,
    };
    expect(missingCredentials(config)).toEqual([]);
    expect(missingPackages(config)).toEqual(['@ai-sdk/cohere']);
    const gateway = createGateway(config);
    const plans: unknown[] = [];
    gateway.events.on('call-plan', ({ skipped }) => plans.push(skipped));
    const deadline = deadlineIn(systemClock, 60_000);
    await expect(gateway.generate(request({ deadline }))).rejects.toMatchObject({ code: 'PROVIDER_ERROR' });
    expect(plans).toEqual([[{ name: 'cohere/command-a-03-2025', reason: 'package-missing' }]]);
    await expect(gateway.generate(request({ route: 'alone', deadline }))).rejects.toThrow(
      'Route alone has no usable target: @ai-sdk/cohere is not installed (pnpm add @ai-sdk/cohere).',
    );
    expect(gateway.usable('alone', { withinMs: 1_000 })).toMatchObject({
      usable: false,
      reason: expect.stringContaining('pnpm add @ai-sdk/cohere'),
    });
  });
});

describe('an address with variables in it', () => {
  test('needs them all', () => {
    const env: Record<string, string> = { CF_AIG_TOKEN: 'k' };
    expect(found('cloudflare-gateway', {}, env)?.missingKey()).toBe('CLOUDFLARE_ACCOUNT_ID');
    env['CLOUDFLARE_ACCOUNT_ID'] = 'acc1';
    expect(found('cloudflare-gateway', {}, env)?.missingKey()).toBe('CLOUDFLARE_GATEWAY_ID');
    env['CLOUDFLARE_GATEWAY_ID'] = 'gw1';
    expect(found('cloudflare-gateway', {}, env)?.missingKey()).toBeNull();
  });

  test('is the home of no endpoint', () => {
    const azure = { apiKey: 'env:MINE', endpoints: { eu: { baseUrl: 'https://eu.test' } } } as const;
    expect(() => createGateway({ roles: { reason: ['azure/gpt'] }, providers: { azure } })).toThrow(
      /endpoints\.eu: needs an `apiKey`/,
    );
  });
});

describe('AWS keys', () => {
  const KEYS = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret-example',
    AWS_SESSION_TOKEN: 'session-example',
  };

  test("stand in for a key of Bedrock's, all or none", () => {
    expect(found('bedrock', {}, KEYS)?.missingKey()).toBeNull();
    const { AWS_SECRET_ACCESS_KEY: _, ...half } = KEYS;
    expect(found('bedrock', {}, half)?.missingKey()).toBe('AWS_BEARER_TOKEN_BEDROCK');
    expect(found('bedrock', {}, { ...KEYS, AWS_REGION: '' })?.missingKey()).toBe('AWS_REGION');
  });

  test('are credentials', () => {
    expect(found('bedrock', {}, KEYS)?.credentials()).toMatchObject({
      AWS_SECRET_ACCESS_KEY: 'secret-example',
      AWS_SESSION_TOKEN: 'session-example',
    });
  });

  test('sign each request, and are not sent', async () => {
    const upstream = cannedFetch({
      headers: { 'content-type': 'application/vnd.amazon.eventstream' },
      chunks: [
        awsMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hi' } }),
        awsMessage('messageStop', { stopReason: 'end_turn' }),
      ],
    });
    const gateway = createGateway({
      roles: { classify: ['bedrock/amazon.nova-lite-v1:0'] },
      fetch: upstream.fetch,
      env: KEYS,
    });
    const { text } = await gateway.generate(request({ deadline: deadlineIn(systemClock, 60_000) }));
    expect(text).toBe('Hi');
    const [sent] = upstream.requests;
    expect(sent?.headers.get('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request/,
    );
    expect(sent?.headers.get('x-amz-security-token')).toBe('session-example');
    expect(JSON.stringify([[...(sent?.headers ?? [])], sent?.body])).not.toContain('secret-example');
  });

  test('do not go where the config says', () => {
    const bedrock = { baseUrl: 'https://elsewhere.test' };
    expect(found('bedrock', { providers: { bedrock } }, KEYS)?.credentials()).toEqual({});
  });
});

test('a provider of an unknown name needs a wire', () => {
  const mine = { baseUrl: 'https://mine.test/v1' };
  expect(() => createGateway({ roles: { reason: ['mine/m'] }, providers: { mine } })).toThrow(
    /roles\.reason\[0\]: provider `mine` needs a `wire`, the API that it speaks/,
  );
});
