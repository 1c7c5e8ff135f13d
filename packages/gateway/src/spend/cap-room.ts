import { usdOf, picoOf } from '../meter/usd.ts';
import type { CapRefusal, CapUse } from './cap.ts';
import { slotEnd } from './window.ts';

/** Values that one cap tells apart. Beyond, new ones share a counter: a cap on labels that anybody may choose is bounded too. */
export const MOST_VALUES = 100_000;

/** The counter that they share. */
export const OTHER_VALUES = '(others)';

/** What was spent in one part of a cap's window, in picodollars. */
export type SpentSlot = readonly [slot: number, pico: bigint];

/** What a ledger knows of a counter when an attempt asks for room on it. */
export interface CapState {
  /** Those that count now, oldest first. */
  readonly slots: readonly SpentSlot[];
  /** For attempts in flight, in picodollars. */
  readonly held: bigint;
}

/**
 * The one rule of caps: what was spent, what is held and what an attempt may cost stay within the limit together. Pure.
 * @param usd what the attempt may cost
 * @returns `null`: there is room
 */
export function refusalFor(use: CapUse, usd: number, { slots, held }: CapState): CapRefusal | null {
  if (use.limitUsd === null) return null;
  const spent = sumOf(slots);
  // What is held comes back, or becomes spend and is no more then.
  const overAlone = spent + picoOf(usd) - picoOf(use.limitUsd);
  if (overAlone + held <= 0n) return null;
  return {
    use,
    neededUsd: usd,
    spentUsd: usdOf(spent),
    heldUsd: usdOf(held),
    resetsAtEpochMs: overAlone <= 0n ? null : roomAt(use, overAlone, slots),
  };
}

export function sumOf(slots: readonly SpentSlot[]): bigint {
  return slots.reduce((sum, [, pico]) => sum + pico, 0n);
}

/** When so much has left the window; `null`: never. */
function roomAt({ window }: CapUse, over: bigint, slots: readonly SpentSlot[]): number | null {
  let left = over;
  for (const [slot, pico] of slots) {
    left -= pico;
    if (left <= 0n) return slotEnd(window, slot);
  }
  return null;
}
