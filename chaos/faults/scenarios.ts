import {
  ALIVE_AFTER,
  BILLS_NO_FAILURE,
  endsWithin,
  firstGapAtLeast,
  hammersNot,
  NAMES_THE_FALLBACK,
  NO_PREFILL_MASKING,
  primaryAttempts,
  recoversWithin,
  SERVED_DURING_OUTAGE,
  USAGE_REPORTED,
  WHOLE,
} from './checks.ts';
import type { CatalogueNumber } from '@paceline/simulator';
import type { Check } from './checks.ts';
import type { Expectation } from './score.ts';

export interface ScorecardScenario extends Partial<Expectation> {
  readonly checks: readonly Check[];
  /** After so long without an end a call hangs. */
  readonly hungAfterMs: number;
  /** One call every `everyMs`, `calls` times, while the primary is down for `downMs`. @default one call */
  readonly sequence?: { readonly calls: number; readonly everyMs: number; readonly downMs: number };
  /** Short enough to be met in real time too. */
  readonly inRealTime: boolean;
}

const advisory = (check: Check): Check => ({ ...check, advisory: true });

/** What each fault of the catalogue is scored on, with the catalogue's own limits. The faults are `FAULT_CATALOGUE`'s. */
export const SCENARIOS: Readonly<Record<CatalogueNumber, ScorecardScenario>> = {
  S01: {
    hungAfterMs: 20_000,
    inRealTime: true,
    checks: [
      advisory(primaryAttempts({ least: 2 })),
      advisory(firstGapAtLeast(1_800)),
      hammersNot({ most: 2, windowMs: 1_500 }),
    ],
  },
  S02: {
    hungAfterMs: 40_000,
    inRealTime: true,
    checks: [hammersNot({ most: 4, windowMs: 3_000 }), primaryAttempts({ most: 6 })],
  },
  S03: { hungAfterMs: 20_000, inRealTime: true, checks: [advisory(primaryAttempts({ least: 2 }))] },
  S04: { hungAfterMs: 40_000, inRealTime: true, checks: [primaryAttempts({ most: 6 })] },
  S05: { hungAfterMs: 20_000, inRealTime: true, checks: [] },
  S06: {
    hungAfterMs: 130_000,
    inRealTime: false,
    checks: [endsWithin(100_000), advisory(primaryAttempts({ most: 1 }))],
  },
  S07: { hungAfterMs: 60_000, inRealTime: false, checks: [advisory(endsWithin(15_000))] },
  S08: { hungAfterMs: 40_000, inRealTime: true, checks: [] },
  S09: { hungAfterMs: 70_000, inRealTime: false, checks: [endsWithin(45_000), ALIVE_AFTER] },
  S10: { hungAfterMs: 30_000, inRealTime: true, checks: [ALIVE_AFTER, advisory(WHOLE)] },
  S11: { hungAfterMs: 30_000, inRealTime: true, checks: [endsWithin(8_000), advisory(USAGE_REPORTED)] },
  S12: { hungAfterMs: 20_000, inRealTime: true, checks: [primaryAttempts({ least: 1, most: 1 })] },
  S13: {
    hungAfterMs: 20_000,
    inRealTime: true,
    ideal: 'refusal',
    checks: [primaryAttempts({ least: 1, most: 1 })],
  },
  S14: { hungAfterMs: 40_000, inRealTime: true, checks: [NO_PREFILL_MASKING] },
  S15: {
    hungAfterMs: 30_000,
    inRealTime: false,
    sequence: { calls: 20, everyMs: 4_000, downMs: 60_000 },
    checks: [SERVED_DURING_OUTAGE, recoversWithin(30_000)],
  },
  S16: {
    hungAfterMs: 40_000,
    inRealTime: true,
    checks: [NAMES_THE_FALLBACK, advisory(USAGE_REPORTED), BILLS_NO_FAILURE, primaryAttempts({ most: 6 })],
  },
};
