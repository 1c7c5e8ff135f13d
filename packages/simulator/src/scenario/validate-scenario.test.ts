import { describe, expect, test } from 'vitest';
import { isSimulatorError } from '../errors.ts';
import { createSimulator } from '../simulator.ts';
import { SCENARIOS, scenarioFor } from './scenarios.ts';
import { validateScenario } from './validate-scenario.ts';
import type { ScenarioName } from './scenarios.ts';

const withFault = (rule: unknown) => ({ providers: { openai: { wire: 'openai', faults: [rule] } } });
const withSetting = (setting: object) => ({ providers: { openai: { wire: 'openai', ...setting } } });
const withLatency = (latency: unknown) => ({ providers: { openai: { wire: 'openai', latency } } });

const messageFor = (scenario: unknown): string => {
  try {
    validateScenario(scenario);
  } catch (error) {
    if (isSimulatorError(error)) return `${error.code} ${error.message}`;
  }
  return 'accepted';
};

test.each<[scenario: unknown, message: string]>([
  [null, 'scenario: expected an object, got null'],
  [{}, 'scenario.providers: is missing'],
  [{ providers: [] }, 'scenario.providers: expected an object, got []'],
  [{ providers: {}, seed: 1 }, 'scenario.seed: no such field here; there are providers'],
  [
    { providers: { 'a/b': {} } },
    `scenario.providers.a/b: a provider's name stands in URLs: use letters, digits, "-", "_" and "."`,
  ],
  [{ providers: { a: {} } }, 'scenario.providers.a.wire: is missing'],
  [
    { providers: { a: { wire: 'groq' } } },
    'scenario.providers.a.wire: expected one of openai, anthropic, google; got "groq"',
  ],
  [
    { providers: { a: { wire: 'openai', requireKey: 'yes' } } },
    'scenario.providers.a.requireKey: expected true or false, got "yes"',
  ],
  [
    { providers: { a: { wire: 'openai', faults: {} } } },
    'scenario.providers.a.faults: expected a list, got {}',
  ],
  [withLatency({ tokensPerSecond: 1 }), 'scenario.providers.openai.latency.firstTokenMs: is missing'],
  [
    withLatency({ firstTokenMs: { p50: 9, p95: 5 }, tokensPerSecond: 1 }),
    'scenario.providers.openai.latency.firstTokenMs: p95 (5) must not be below p50 (9)',
  ],
  [
    withLatency({ firstTokenMs: { p50: 9, p95: 9 }, tokensPerSecond: 0 }),
    'scenario.providers.openai.latency.tokensPerSecond: expected a number above 0, got 0',
  ],
  [
    withFault({ fault: 'cut', probability: 3 }),
    'scenario.providers.openai.faults[0].probability: expected a share from 0 to 1, such as 0.03 for 3 %, got 3',
  ],
  [
    withFault({ fault: 'cut', rows: [5, 5] }),
    'scenario.providers.openai.faults[0].rows: expected [from, to] with 0 <= from < to, got [5,5]',
  ],
  [
    withFault({ fault: 'cut', attempts: [0] }),
    'scenario.providers.openai.faults[0].attempts[0]: expected a whole number, 1 or more, got 0',
  ],
  [
    withFault({ fault: 'cut', turns: [0.5] }),
    'scenario.providers.openai.faults[0].turns[0]: expected a whole number, 0 or more, got 0.5',
  ],
  [
    withFault({ fault: 'cut', step: '' }),
    'scenario.providers.openai.faults[0].step: expected a text, got ""',
  ],
  [
    withFault({ fault: 'cut', afterTokens: -1 }),
    'scenario.providers.openai.faults[0].afterTokens: expected a whole number, 0 or more, got -1',
  ],
  [
    withFault({ fault: 'slow', firstTokenMs: '20s' }),
    'scenario.providers.openai.faults[0].firstTokenMs: expected milliseconds, 0 or more, got "20s"',
  ],
  [
    withFault({ fault: 'cut', retryAfterMs: 5 }),
    'scenario.providers.openai.faults[0].retryAfterMs: "cut" does not read it; it reads afterTokens',
  ],
  [
    withFault({ fault: 'empty-200', afterMs: 5 }),
    'scenario.providers.openai.faults[0].afterMs: "empty-200" does not read it; it reads no settings',
  ],
  [
    withFault({ fault: 'cut', probabilty: 1 }),
    'scenario.providers.openai.faults[0].probabilty: no such field here; there are',
  ],
  [
    withFault({ fault: 'cut', keys: 'sk-1' }),
    'scenario.providers.openai.faults[0].keys: expected a list, got "sk-1"',
  ],
  [
    withSetting({ rateLimit: {} }),
    'scenario.providers.openai.rateLimit: expected requestsPerMinute, tokensPerMinute, or both',
  ],
  [
    withSetting({ rateLimit: { requestsPerSecond: 5 } }),
    'scenario.providers.openai.rateLimit.requestsPerSecond: no such field here; there are requestsPerMinute, tokensPerMinute',
  ],
  [withSetting({ capacity: {} }), 'scenario.providers.openai.capacity.perSecond: is missing'],
  [
    withSetting({ capacity: { perSecond: 9, changes: [{ betweenMs: [0, 9], factor: -1 }] } }),
    'scenario.providers.openai.capacity.changes[0].factor: expected a number, 0 or more, got -1',
  ],
  [
    withSetting({ capacity: { perSecond: 9, changes: [{ factor: 0 }] } }),
    'scenario.providers.openai.capacity.changes[0].betweenMs: is missing',
  ],
  [withSetting({ promptCache: true }), 'scenario.providers.openai.promptCache: expected an object, got true'],
  [
    withSetting({ toolCallsAtOnce: 0 }),
    'scenario.providers.openai.toolCallsAtOnce: expected a whole number, 1 or more, got 0',
  ],
])('%j is refused with the field and the mend', (scenario, message) => {
  expect(messageFor(scenario)).toContain(`SCENARIO_INVALID ${message}`);
});

test('a fault nobody knows is refused with those there are', () => {
  expect(messageFor(withFault({ fault: 'explode' }))).toMatch(
    /faults\[0\]\.fault: expected one of stall, .*, brownout; got "explode"/,
  );
});

test('a full scenario is accepted as it is', () => {
  const latency = { firstTokenMs: { p50: 10, p95: 20, floor: 5 }, tokensPerSecond: 50 };
  const faults = [
    {
      fault: 'rate-limit',
      probability: 0.5,
      retryAfterMs: 0,
      rows: [0, 5],
      models: ['m'],
      keys: ['sk-1'],
      step: 's',
      attempts: [1],
      turns: [0],
      times: 3,
      betweenMs: [0, 9],
    },
    { fault: 'stall', forMs: Number.POSITIVE_INFINITY, pingEveryMs: 10 },
  ];
  const scenario = {
    providers: {
      'my-proxy.1': {
        wire: 'google',
        latency,
        models: { m: latency },
        faults,
        requireKey: true,
        toolCallsAtOnce: 2,
        rateLimit: { requestsPerMinute: 60, tokensPerMinute: 10_000 },
        capacity: { perSecond: 100, maxQueued: 0, changes: [{ betweenMs: [0, 9], factor: 0 }] },
        promptCache: { minTokens: 0, keepMs: 0 },
      },
    },
  };
  expect(validateScenario(scenario)).toBe(scenario);
});

test('createSimulator refuses a wrong scenario before anything runs', () => {
  const scenario = withFault({ fault: 'cut', probability: 2 }) as never;
  expect(() => createSimulator({ seed: 1, scenario })).toThrow('faults[0].probability');
});

/** The share of Google's calls that faults of these names strike. */
const share = (name: ScenarioName, wanted: RegExp): number =>
  (scenarioFor(name, { rows: 1 }).providers['google']?.faults ?? [])
    .filter(({ fault }) => wanted.test(fault))
    .reduce((sum, { probability = 1 }) => sum + probability, 0);

describe('named scenarios', () => {
  test.each(Object.keys(SCENARIOS) as ScenarioName[])('%s is a valid scenario of three providers', (name) => {
    const scenario = validateScenario(scenarioFor(name, { rows: 120 }));
    expect(Object.keys(scenario.providers)).toEqual(['openai', 'anthropic', 'google']);
    expect(SCENARIOS[name].doc).not.toBe('');
  });

  test('calm has no faults; everyday stalls 2 % and fails 3 % of the calls', () => {
    expect(share('calm', /./)).toBe(0);
    expect(share('everyday', /stall/)).toBeCloseTo(0.02);
    expect(share('everyday', /error-500|rate-limit|reset/)).toBeCloseTo(0.03);
  });

  test('brownout strikes one provider in the middle third of the rows', () => {
    const { providers } = scenarioFor('brownout', { rows: 120, provider: 'anthropic' });
    expect(providers['anthropic']?.faults?.[0]).toEqual({ fault: 'brownout', rows: [40, 80] });
    expect(providers['openai']?.faults?.some(({ fault }) => fault === 'brownout')).toBe(false);
    expect(scenarioFor('brownout', { rows: 1 })).toEqual(scenarioFor('everyday', { rows: 1 }));
  });

  test('an unknown name, or no rows, is refused', () => {
    expect(() => scenarioFor('storm' as ScenarioName, { rows: 1 })).toThrow(
      'there is none called "storm"; there are calm, everyday, brownout',
    );
    expect(() => scenarioFor('calm', { rows: 0 })).toThrow('rows: expected 1 or more, got 0');
  });
});
