import type { FaultRule, Scenario } from '@paceline/simulator';

/** An ordinary day: 2 % of the calls stall, 3 % fail. */
const EVERYDAY: readonly FaultRule[] = [
  { fault: 'stall', probability: 0.02 },
  { fault: 'error-500', probability: 0.01 },
  { fault: 'rate-limit', probability: 0.01, retryAfterMs: 2_000 },
  { fault: 'reset', probability: 0.01 },
];

/** Three providers on an ordinary day. */
export const everyday: Scenario = scenario([]);

/** The same, but Anthropic, which answers `decide`, is in trouble for the middle third of the rows: it fails or crawls. */
export function brownOut(rows: number): Scenario {
  const from = Math.floor(rows / 3) + 1;
  const to = Math.floor((2 * rows) / 3) + 1;
  return scenario([{ fault: 'brownout', rows: [from, to] }]);
}

function scenario(anthropicFaults: readonly FaultRule[]): Scenario {
  return {
    providers: {
      openai: { wire: 'openai', faults: EVERYDAY },
      anthropic: { wire: 'anthropic', faults: [...anthropicFaults, ...EVERYDAY] },
      google: { wire: 'google', faults: EVERYDAY },
    },
  };
}
