import type { AttemptRecord, CostSource, Usage } from '../result.ts';
import type { CapCounter, CapRefusal, CapStanding, CapUse } from './cap.ts';
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

export type Reserved = { readonly ok: true } | { readonly ok: false; readonly refusal: CapRefusal };
