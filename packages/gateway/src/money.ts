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
  return new Meter(capUsd, options);
}

/** A class, since a literal with getters takes V8 a microsecond, and every run has one. */
class Meter implements MoneyMeter {
  readonly capUsd: number | null;
  readonly isCapped: boolean;
  private readonly use: CapUse;
  private readonly within: MoneyMeter | undefined;
  private spent: bigint;
  private held = 0n;

  constructor(capUsd: number | null, { spentUsd = 0, within, cap = 'run', value = '' }: MoneyMeterOptions) {
    this.capUsd = capUsd;
    this.isCapped = capUsd !== null || within?.isCapped === true;
    this.use = { cap, value, window: ALWAYS, limitUsd: capUsd };
    this.within = within;
    this.spent = spentUsd === 0 ? 0n : picoOf(spentUsd);
  }

  get spentUsd(): number {
    return usdOf(this.spent);
  }

  get heldUsd(): number {
    return usdOf(this.held);
  }

  add(costUsd: number): void {
    this.spent += picoOf(costUsd);
    this.within?.add(costUsd);
  }

  reserve(usd: number): MoneyReserved {
    const refusal = refusalFor(this.use, usd, { slots: [[0, this.spent]], held: this.held });
    if (refusal !== null) return { ok: false, refusal };
    const outer = this.within?.reserve(usd);
    if (outer?.ok === false) return outer;
    const pico = picoOf(usd);
    this.held += pico;
    return {
      ok: true,
      settle: (costUsd) => {
        this.held -= pico;
        this.spent += picoOf(costUsd);
        outer?.settle(costUsd);
      },
      release: () => {
        this.held -= pico;
        outer?.release();
      },
    };
  }
}

const ALWAYS = { type: 'always' } as const;
