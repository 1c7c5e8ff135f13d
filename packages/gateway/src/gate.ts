import type { Clock, LoopMonitor, Random, RetryBudget } from '@paceline/resilience';
import type { ResponseCache } from './cache/response-cache.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { RouteStrategy } from './config.ts';
import type { LatencyBook } from './latency-book.ts';
import type { Ledger } from './ledger.ts';
import type { MonthlyUse } from './meter/monthly-use.ts';
import type { Outlets } from './outlets.ts';
import type { PromptMemory } from './prompt-cache/memory.ts';
import type { AttemptLimits, PromptCacheUse } from './request.ts';
import type { Shedder } from './shedding.ts';
import type { Caps } from './spend/caps.ts';
import type { Contests } from './route/contest.ts';
import type { Target } from './targets.ts';
import type { Tenants } from './tenants.ts';
import type { Tap } from './wire/tap.ts';

/** Everything a call needs of its gateway: the config, resolved and complete, and what the calls share. */
export interface Gate extends Outlets {
  readonly clock: Clock;
  readonly random: Random;
  /** Who answers upstream. */
  readonly fetch: typeof globalThis.fetch;
  readonly ledger: Ledger;
  readonly caps: Caps;
  readonly latencies: LatencyBook;
  /** Who leads where targets compete on time. */
  readonly contests: Contests;
  readonly routes: ReadonlyMap<string, Route>;
  /** By name, `provider/model`. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly catalog: Catalog;
  /** Tokens of the month, where a price depends on them; `null` where none does. */
  readonly monthly: MonthlyUse | null;
  /** False: no model is passed over for what the catalog says of it. */
  readonly checksModels: boolean;
  /** False: the control without retry and failover. */
  readonly failover: boolean;
  /** False: the control without anything that keeps calls back. */
  readonly guards: boolean;
  /** How late this process is; it runs while calls are in flight. */
  readonly loop: LoopMonitor;
  readonly shedder: Shedder;
  readonly tenants: Tenants;
  /** Retries and failovers of all calls. */
  readonly retries: RetryBudget;
  /** Second attempts beside slow ones, by all calls of routes that hedge. */
  readonly hedges: RetryBudget;
  /** `null`: every request makes its own call. */
  readonly cache: ResponseCache | null;
  /** What providers may have in their prompt caches. */
  readonly prompts: PromptMemory;
  /**
   * The tap of each attempt in flight, by the attempt's signal. A target's model is built once (for OpenAI-compatible hosts
   * that costs 300 µs), so its one fetch tells by the signal which attempt it serves.
   */
  readonly taps: WeakMap<AbortSignal, Tap>;
}

/** What a role or a route name of the config stands for. */
export interface Route {
  readonly name: string;
  /** All it may use, each once, in order of first mention; at least one. */
  readonly targets: readonly Target[];
  /** Of one call over all targets, the first included. */
  readonly attempts: number;
  readonly limits: AttemptLimits;
  readonly strategy: RouteStrategy;
  /** The same targets as the config lists them. */
  readonly groups: readonly TargetGroup[];
  readonly hedge: boolean;
  readonly continuation: boolean;
  /** `null`: as each provider's entry says. */
  readonly promptCache: PromptCacheUse | null;
}

/** What one entry of a route's list stands for: a target, or all endpoints of one. */
export interface TargetGroup {
  readonly targets: readonly Target[];
  /** Its share of the calls in a `weighted` route. */
  readonly weight: number;
}
