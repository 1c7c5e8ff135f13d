import { picoOf, usdOf } from './meter/usd.ts';
import type { MoneyMeter, MoneyReserved } from './request.ts';
import { refusalFor } from './spend/cap-room.ts';
import type { CapUse } from './spend/cap.ts';

export interface MoneyMeterOptions {
  /** What was spent before, e.g. by a run that is being resumed. @default 0 */
  readonly spentUsd?: number;
  /**
   * Another meter that this one's spend counts on too, and whose cap holds for it as well: that of the run a child belongs to. It knows
   * of `spentUsd` already.
   */
  readonly within?: MoneyMeter | undefined;
  /** Names the cap in errors. @default 'run' */
  readonly cap?: string;
  /** Whose cap it is. @default '' */
  readonly value?: string;
}

/**
 * Keeps what shares it within a cap: the most that an attempt can cost is held before the attempt is made, and what it did cost counts
 * instead once that is known. Exact to the picodollar.
 * @param capUsd `null` for no cap
 */
export function createMoneyMeter(capUsd: number | null, options: MoneyMeterOptions = {}): MoneyMeter {
  const { spentUsd = 0, within, cap = 'run', value = '' } = options;
  const use: CapUse = { cap, value, window: { type: 'always' }, limitUsd: capUsd };
  let spent = picoOf(spentUsd);
  let held = 0n;
  const add = (costUsd: number): void => {
    spent += picoOf(costUsd);
    within?.add(costUsd);
  };

  const reserve = (usd: number): MoneyReserved => {
    const refusal = refusalFor(use, usd, { slots: [[0, spent]], held });
    if (refusal !== null) return { ok: false, refusal };
    const outer = within?.reserve(usd);
    if (outer?.ok === false) return outer;
    const pico = picoOf(usd);
    held += pico;
    return {
      ok: true,
      settle(costUsd) {
        held -= pico;
        spent += picoOf(costUsd);
        outer?.settle(costUsd);
      },
      release() {
        held -= pico;
        outer?.release();
      },
    };
  };

  return {
    capUsd,
    isCapped: capUsd !== null || within?.isCapped === true,
    get spentUsd() {
      return usdOf(spent);
    },
    get heldUsd() {
      return usdOf(held);
    },
    add,
    reserve,
  };
}
