import { createUsdTotal } from './meter/usd.ts';
import type { MoneyMeter } from './request.ts';

/**
 * Counts spend against a cap; every attempt of the calls that share it adds its cost.
 * @param capUsd `null` for no cap
 * @param spentUsd what was spent before, e.g. by a run that is being resumed
 * @param within another meter that this one's spend counts on too, and whose cap holds for it as well: that of the run a child belongs
 *   to. It knows of `spentUsd` already.
 */
export function createMoneyMeter(capUsd: number | null, spentUsd = 0, within?: MoneyMeter): MoneyMeter {
  const spent = createUsdTotal(spentUsd);
  return {
    capUsd,
    get spentUsd() {
      return spent.usd;
    },
    add(costUsd) {
      spent.add(costUsd);
      within?.add(costUsd);
    },
    exhausted: () => (capUsd !== null && spent.usd >= capUsd) || within?.exhausted() === true,
  };
}
