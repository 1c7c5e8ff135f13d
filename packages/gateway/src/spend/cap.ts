/**
 * - `rolling`: the last `ms` milliseconds. Spend is kept in sixtieths of the window and leaves it a whole one at a time, so it counts for up to a
 *   sixtieth longer, never shorter.
 * - `calendar`: this hour, day or month, in UTC.
 * - `always`: never over; forgotten 30 days after the last attempt.
 */
export type CapWindow =
  | { readonly type: 'rolling'; readonly ms: number }
  | { readonly type: 'calendar'; readonly unit: 'hour' | 'day' | 'month' }
  | { readonly type: 'always' };

/** One of a cap's counters: a team's this month, a run's, everybody's of the last day. */
export interface CapCounter {
  /** The cap's name. */
  readonly cap: string;
  /** Whose: the team, the run, the route. Empty where the cap holds for all together. */
  readonly value: string;
  readonly window: CapWindow;
}

/** A cap that holds for an attempt. */
export interface CapUse extends CapCounter {
  /** Not a cent more; `null`: it only counts. */
  readonly limitUsd: number | null;
}

export interface CapStanding {
  /** Within the window. */
  readonly spentUsd: number;
  /** For attempts in flight. */
  readonly heldUsd: number;
}

/** Why an attempt was not let through. */
export interface CapRefusal extends CapStanding {
  /** The cap without room. */
  readonly use: CapUse;
  /** What the attempt may have cost. */
  readonly neededUsd: number;
  /** When enough has left its window; `null`: it will not, or only what is held stands in the way. */
  readonly resetsAtEpochMs: number | null;
}
