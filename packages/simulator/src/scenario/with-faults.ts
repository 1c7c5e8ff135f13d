import type { FaultRule, Scenario } from './scenario.ts';

/**
 * Adds faults to every provider of a scenario, before its own rules. A share of all calls meets one of them, each equally
 * often; a fault with a `probability` of its own keeps it.
 * @param share 0 to 1
 */
export function withFaults(scenario: Scenario, faults: readonly FaultRule[], share = 1): Scenario {
  const each = share / faults.length;
  // A rule is asked only when those before it have not struck: of the calls left to it, it takes more.
  const rules = faults.map((fault, at) => ({ probability: Math.min(1, each / (1 - at * each)), ...fault }));
  const providers = Object.entries(scenario.providers).map(([name, provider]) => [
    name,
    { ...provider, faults: [...rules, ...(provider.faults ?? [])] },
  ]);
  return { ...scenario, providers: Object.fromEntries(providers) };
}
