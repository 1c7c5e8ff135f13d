import type { MoneyMeter } from './request.ts';

/**
 * Counts spend against a cap; every attempt of the calls that share it adds its cost.
 * @param capUsd `null` for no cap
 * @param spentUsd what was spent before, e.g. by a run that is being resumed
 */
export function createMoneyMeter(capUsd: number | null, spentUsd = 0): MoneyMeter {
  let spent = spentUsd;
  return {
    capUsd,
    get spentUsd() {
      return spent;
    },
    add(costUsd) {
      spent += costUsd;
    },
    exhausted: () => capUsd !== null && spent >= capUsd,
  };
}
