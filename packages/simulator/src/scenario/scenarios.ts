import { invalid } from './checks.ts';
import type { FaultRule, Scenario } from './scenario.ts';

export interface ScenarioOptions {
  /** Rows of the batch about to run, for scenarios in which something happens in the middle of it. Minimum 1. */
  readonly rows: number;
  /** The provider in trouble: `openai`, `anthropic` or `google`. @default 'openai' */
  readonly provider?: 'openai' | 'anthropic' | 'google';
}

/** Of all calls, 2 % stall and 3 % fail. */
const EVERYDAY_FAULTS: readonly FaultRule[] = [
  { fault: 'stall', probability: 0.01 },
  { fault: 'stall-mid', probability: 0.01 },
  { fault: 'error-500', probability: 0.01 },
  { fault: 'rate-limit', probability: 0.01, retryAfterMs: 1_000 },
  { fault: 'reset', probability: 0.01 },
];

/** Ready-made scenarios by name. Each has three providers: `openai`, `anthropic` and `google`, fast by model name. */
export const SCENARIOS = {
  calm: {
    doc: 'Nothing goes wrong.',
    make: () => threeProviders([]),
  },
  everyday: {
    doc: '2 % of the calls stall and 3 % fail (500, 429 with a wait, connection reset).',
    make: () => threeProviders(EVERYDAY_FAULTS),
  },
  brownout: {
    doc: 'Everyday faults, and one provider is in trouble for the middle third of the rows: half its calls fail, the others are slow.',
    make: ({ rows, provider = 'openai' }) => withBrownout(rows, provider),
  },
} as const satisfies Record<string, { doc: string; make: (options: ScenarioOptions) => Scenario }>;

export type ScenarioName = keyof typeof SCENARIOS;

/** @throws SimulatorError `SCENARIO_INVALID` when there is no scenario of this name or `rows` is not 1 or more */
export function scenarioFor(name: ScenarioName, options: ScenarioOptions): Scenario {
  if (!Object.hasOwn(SCENARIOS, name)) {
    invalid('scenario', `there is none called "${name}"; there are ${Object.keys(SCENARIOS).join(', ')}`);
  }
  if (!(options.rows >= 1)) invalid('rows', `expected 1 or more, got ${options.rows}`);
  return SCENARIOS[name].make(options);
}

function threeProviders(faults: readonly FaultRule[]): Scenario {
  return {
    providers: {
      openai: { wire: 'openai', faults },
      anthropic: { wire: 'anthropic', faults },
      google: { wire: 'google', faults },
    },
  };
}

function withBrownout(rows: number, provider: 'openai' | 'anthropic' | 'google'): Scenario {
  const everyday = threeProviders(EVERYDAY_FAULTS);
  const from = Math.floor(rows / 3);
  const to = Math.floor((2 * rows) / 3);
  if (from === to) return everyday; // too few rows to have a middle
  const faults: readonly FaultRule[] = [{ fault: 'brownout', rows: [from, to] }, ...EVERYDAY_FAULTS];
  return { providers: { ...everyday.providers, [provider]: { wire: provider, faults } } };
}
