import type { AttemptRecord, CostSource, Usage } from '../result.ts';
import type { SpendQuery, SpendRow } from './query.ts';

/** Where spend is kept, and held against caps before it is spent. */
export interface SpendLedger {
  /**
   * Holds the most one attempt can cost on every cap it counts on: on all of them or, when one has no room, on none. Atomic, over all
   * processes that share the ledger, and durable where the ledger is: from the moment this resolves, a hold is taken for sent, and
   * when its time is up without a word of its owner, it is booked as spent.
   */
  reserve(request: ReserveRequest): Promise<Reserved>;
  /** Gives back what was held for an attempt that was never made. */
  release(id: string): void;
  /** Books an attempt once, whatever came of it, and in the same transaction takes back its hold and counts what it cost instead. */
  settle(entry: SpendEntry): void;
  /** What stands on a counter at a moment. Reading changes nothing. */
  standing(counter: CapCounter, atEpochMs: number): CapStanding;
  /**
   * What the attempts came to that are booked, the dearest group first; those of this process all, also the latest.
   * @throws TypeError for a dimension that there is not, and whatever the ledger throws
   */
  report(query: SpendQuery): Promise<readonly SpendRow[]>;
}

/** Who makes an attempt, where, and on whose account. */
export interface SpendIdentity {
  /** Unique to the attempt, also where a step is repeated after a crash: its hold has the same. Booking one id twice changes nothing. */
  readonly id: string;
  /** When it ended; of one that is under way, when it began. */
  readonly atEpochMs: number;
  readonly runId: string;
  /** `null`: no workflow, the gateway was called directly. */
  readonly workflow: string | null;
  readonly step: string;
  readonly turn: number;
  /** 1 for the first of the call. */
  readonly attempt: number;
  /** The role or route that was asked. */
  readonly route: string;
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly target: string;
  readonly provider: string;
  readonly model: string;
  /** The endpoint's name; `null` where the provider has only one. */
  readonly credential: string | null;
  readonly tenant: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/** One attempt's end. */
export interface SpendEntry extends SpendIdentity {
  readonly outcome: AttemptRecord['outcome'];
  /** `null`: unknown, which is not 0. */
  readonly costUsd: number | null;
  readonly costSource: CostSource;
  readonly priceTable: string | null;
  readonly usage: Usage | null;
  /** By the provider's prompt cache, against the price without it; `null`: unknown. */
  readonly savedUsd: number | null;
  /** What counts on its caps where that is not `costUsd`: an attempt without a known price counts as the config says. Absent otherwise. */
  readonly countedUsd?: number;
  /** Its owner died before it ended: the cost is the most that it can have been. Absent otherwise. */
  readonly lost?: true;
}

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
  /** Not a cent more. */
  readonly limitUsd: number;
}

export interface ReserveRequest {
  readonly attempt: SpendIdentity;
  /** The most it can cost. */
  readonly usd: number;
  /** False: its price is unknown, and `usd` is what it counts as by the config. */
  readonly priced: boolean;
  readonly uses: readonly CapUse[];
  /** The attempt has ended by then, if its owner lives. */
  readonly expiresAtEpochMs: number;
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
  /** When enough has left its window; `null`: it will not, or only what is held stands in the way. */
  readonly resetsAtEpochMs: number | null;
}

export type Reserved = { readonly ok: true } | { readonly ok: false; readonly refusal: CapRefusal };
