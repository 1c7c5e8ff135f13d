import { describe, expect, test } from 'vitest';
import { createGateway, missingCredentials } from './index.ts';
import type { GatewayConfig, GatewayError } from './index.ts';

function messageFor(config: unknown): string {
  try {
    createGateway(config as GatewayConfig);
  } catch (error) {
    expect(error).toMatchObject({ name: 'GatewayError', code: 'CONFIG_INVALID' });
    return (error as GatewayError).message;
  }
  throw new Error('accepted');
}

describe('a wrong config is refused with the field and the mend', () => {
  test.each([
    [{}, /roles: /],
    [
      { roles: { clasify: ['openai/gpt-5-mini'] } },
      /roles\.clasify: there is no such role\. Did you mean classify\?/,
    ],
    [{ roles: { classify: [] } }, /roles\.classify: Expected at least one target/],
    [{ roles: { classify: ['gpt-5-mini'] } }, /roles\.classify\[0\]: Expected `provider\/model`/],
    [
      { roles: { classify: ['opnai/gpt-5-mini'] } },
      /roles\.classify\[0\]: unknown provider `opnai`\. Did you mean openai\?/,
    ],
    [{ roles: { classify: { targets: ['openai/gpt-5-mini'], attempts: 0 } } }, /roles\.classify\.attempts/],
    [{ roles: {}, providers: { openai: { wire: 'opnai' } } }, /providers\.openai\.wire/],
    [
      { roles: {}, providers: { openai: { wire: 'openai', baseUrl: 'ftp://a' } } },
      /providers\.openai\.baseUrl: Expected an http/,
    ],
    [
      { roles: { reason: ['mine/qwen'] }, providers: { mine: { wire: 'openai-compatible' } } },
      /provider `mine` needs a `baseUrl`/,
    ],
    [{ roles: {}, policy: { attemps: 2 } }, /policy.*attemps/],
    [
      { roles: { reason: ['openai/a'] }, policy: { breaker: { failuresToOpen: 0 } } },
      /policy\.breaker: .*failuresToOpen/,
    ],
    [{ roles: { reason: ['openai/a'] }, routes: { reason: ['openai/b'] } }, /routes\.reason: .*role/],
    [{ roles: {}, policy: { maxInFlightPerTenant: 0 } }, /policy\.maxInFlightPerTenant/],
    [{ roles: {}, policy: { tenantWeights: { acme: 0 } } }, /policy\.tenantWeights\.acme/],
    [{ roles: {}, policy: { guards: 'off' } }, /policy\.guards/],
  ])('%o', (config, message) => {
    expect(messageFor(config)).toMatch(message);
  });

  test('all problems are named at once', () => {
    const message = messageFor({ roles: { classify: [], reason: ['x'] }, policy: { attempts: 'three' } });
    expect(message.split('\n')).toHaveLength(4);
  });

  test('a literal key is refused without repeating it', () => {
    const message = messageFor({
      roles: { classify: ['openai/gpt-5-mini'] },
      providers: { openai: { wire: 'openai', apiKey: 'sk-live-secret' } },
    });
    expect(message).toMatch(/providers\.openai\.apiKey: Expected a reference, e\.g\. `env:OPENAI_API_KEY`/);
    expect(message).not.toContain('sk-live');
  });
});

describe('a route that contradicts itself is refused', () => {
  const two = ['openai/a', 'google/b'];
  test.each([
    [{ targets: two, strategy: 'fast' }, /roles\.reason\.strategy: /],
    [{ targets: two, weights: [1, 1] }, /roles\.reason\.weights: only a `weighted` route/],
    [{ targets: two, strategy: 'weighted' }, /roles\.reason\.weights: a `weighted` route needs one for each/],
    [
      { targets: two, strategy: 'weighted', weights: [1] },
      /weights: Expected one for each target, got 1 for 2/,
    ],
    [{ targets: two, strategy: 'weighted', weights: [1, -1] }, /roles\.reason\.weights\[1\]/],
    [{ targets: two, strategy: 'weighted', weights: [0, 0] }, /weights: Expected at least one above 0/],
    [{ targets: ['openai/a'], hedge: true }, /roles\.reason\.hedge: needs a second target/],
    [{ targets: ['openai/a'], continuation: true }, /roles\.reason\.continuation: needs a second target/],
    [['openai/a', 'google/b', 'openai/a'], /roles\.reason\[2\]: `openai\/a` is listed twice/],
  ])('%o', (reason, message) => {
    expect(messageFor({ roles: { reason } })).toMatch(message);
  });
});

describe('caps are checked', () => {
  test.each([
    [{ per: 'team', usd: 1 }, /caps\[0\]\.per: Expected `all`, `call`.*`label:team`/],
    [{ per: 'label:', usd: 1 }, /caps\[0\]\.per/],
    [{ per: 'all', usd: -1 }, /caps\[0\]\.usd/],
    [{ per: 'all', usd: 2_000_000 }, /caps\[0\]\.usd/],
    [{ per: 'all', usd: 1, window: 'week' }, /caps\[0\]\.window: Expected `hour`, `day` or `month`/],
    [{ per: 'all', usd: 1, window: '30s' }, /caps\[0\]\.window: .*at least a minute/],
    [{ per: 'all', uds: 1 }, /caps\[0\].*uds/],
    [{ per: 'all' }, /caps\[0\]: needs `usd`, `softUsd` or both/],
    [{ per: 'all', usd: 1, softUsd: 1 }, /caps\[0\]: `softUsd` has to be below `usd`/],
    [{ per: 'run', usd: 1, window: 'day' }, /caps\[0\]: a run ends by itself\. Leave `window` out/],
    [{ per: 'credential', softUsd: 1 }, /caps\[0\]: a cap per credential is hard\. Leave `softUsd` out/],
    [{ per: 'all', only: 'x', usd: 1 }, /caps\[0\]: a cap per all holds for all\. Leave `only` out/],
  ])('%o', (cap, message) => {
    expect(messageFor({ roles: {}, caps: [cap] })).toMatch(message);
  });

  test('two of one name would share their counters', () => {
    const cap = { per: 'label:team', window: '24h' };
    const caps = [
      { ...cap, usd: 1 },
      { ...cap, softUsd: 1 },
    ];
    expect(messageFor({ roles: {}, caps })).toMatch(
      /caps\[1\]: two caps are called `label:team per 24h`\. Give one a `name`/,
    );
    expect(() =>
      createGateway({ roles: {}, caps: [caps[0], { ...caps[1], name: 'soft' }] } as GatewayConfig),
    ).not.toThrow();
  });
});

const eu = { baseUrl: 'https://eu.test/v1' };
const own = (settings: object) => ({ wire: 'openai-compatible', ...settings });
const eastOrWest = (target: string) => ({
  roles: { reason: [target] },
  providers: { p: own({ endpoints: { east: eu, west: eu } }) },
});

describe('endpoints are checked', () => {
  test.each([
    [{ endpoints: {} }, /providers\.p\.endpoints: Expected at least one/],
    [{ endpoints: { eu: {} } }, /providers\.p\.endpoints\.eu: needs a `baseUrl`/],
    [{ endpoints: { 'e@u': eu } }, /providers\.p\.endpoints.*e@u.*: Expected a name without/],
    [{ endpoints: { eu: { ...eu, region: 'x' } } }, /providers\.p\.endpoints\.eu: .*region/],
    [{ endpoints: { eu: { ...eu, tenants: [] } } }, /endpoints\.eu\.tenants: Expected at least one tenant/],
    [
      { endpoints: { eu }, apiKey: 'env:KEY' },
      /endpoints\.eu: needs an `apiKey`; the provider's own goes to/,
    ],
    [
      { endpoints: { eu }, apiKey: 'env:KEY', baseUrl: 'https://us.test/v1' },
      /endpoints\.eu: needs an `apiKey`/,
    ],
  ])('%o', (settings, message) => {
    expect(messageFor({ roles: { reason: ['p/m'] }, providers: { p: own(settings) } })).toMatch(message);
  });

  test('an endpoint that is misspelt is not taken for a part of the name of the model', () => {
    expect(messageFor(eastOrWest('p/m@esat'))).toMatch(
      /roles\.reason\[0\]: provider `p` has no endpoint `esat`\. Did you mean east\?/,
    );
    for (const model of ['m@20250514', '@cf/meta/llama', 'm@latest@east']) {
      expect(() => createGateway(eastOrWest(`p/${model}`) as GatewayConfig)).not.toThrow();
    }
    const named = createGateway(eastOrWest('p/m@latest@east') as GatewayConfig).targets();
    expect(named.map(({ name }) => name)).toEqual(['p/m@latest@east']);
  });
});

test('model names may hold slashes', () => {
  const gateway = createGateway({ roles: { reason: ['openrouter/meta-llama/llama-3.3-70b-instruct'] } });
  expect(gateway.targets()).toEqual([
    {
      name: 'openrouter/meta-llama/llama-3.3-70b-instruct',
      routes: ['reason'],
      breaker: 'closed',
      inFlight: 0,
      queued: 0,
    },
  ]);
});

test('a target that several routes share is one target', () => {
  const gateway = createGateway({
    roles: { classify: ['openai/gpt-5-mini'], reason: ['anthropic/claude-sonnet-4-5', 'openai/gpt-5-mini'] },
    routes: { cheap: { targets: ['openai/gpt-5-mini'], attempts: 1 } },
  });
  expect(gateway.targets().map(({ name, routes }) => [name, routes.toSorted()])).toEqual([
    ['openai/gpt-5-mini', ['cheap', 'classify', 'reason']],
    ['anthropic/claude-sonnet-4-5', ['reason']],
  ]);
});

test('the credentials that are missing are listed by variable', () => {
  const config: GatewayConfig = {
    roles: {
      classify: ['groq/llama-3.3-70b-versatile', 'openai/gpt-5-mini'],
      reason: ['groq/other', 'ollama/llama3'],
    },
    routes: { own: ['mine/qwen'] },
    providers: { mine: { wire: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'env:MINE' } },
    env: { OPENAI_API_KEY: 'sk-1' },
  };
  expect(missingCredentials(config)).toEqual(['GROQ_API_KEY', 'MINE']);
});

test('closing calls onClose once', async () => {
  let closed = 0;
  const gateway = createGateway({ roles: { classify: ['ollama/llama3'] }, onClose: () => void closed++ });
  await Promise.all([gateway.close(), gateway.close()]);
  expect(closed).toBe(1);
});
