import type { FaultRule, Scenario } from '@paceline/simulator';

/** 2 % of the calls stall, 3 % fail: what a provider does on an ordinary day. */
const EVERYDAY: readonly FaultRule[] = [
  { fault: 'stall', probability: 0.02 },
  { fault: 'error-500', probability: 0.01 },
  { fault: 'rate-limit', probability: 0.01, retryAfterMs: 2_000 },
  { fault: 'reset', probability: 0.01 },
];

/** The scenarios that `paceline sim` knows by name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  calm: providers([], []),
  everyday: providers(EVERYDAY, EVERYDAY),
  brownout: providers(EVERYDAY, [{ fault: 'brownout' }, ...EVERYDAY]),
};

function providers(faults: readonly FaultRule[], openaiFaults: readonly FaultRule[]): Scenario {
  return {
    providers: {
      openai: { wire: 'openai', faults: openaiFaults },
      anthropic: { wire: 'anthropic', faults },
      google: { wire: 'google', faults },
    },
  };
}
