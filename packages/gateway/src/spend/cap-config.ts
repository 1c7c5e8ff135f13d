/**
 * A limit to what is spent, held before it is spent. `usd` is hard: no attempt is made that could go beyond. `softUsd` is soft: from there on,
 * calls go to their route's cheapest target first. A cap may have both; it needs one.
 */
export interface CapConfig {
  /**
   * What has the limit to itself: everything together, each call, each run, each route, each credential (`provider`, or `provider@endpoint`), each tenant,
   * or each value of a label. Requests without the label, or without a tenant, share one.
   */
  readonly per: 'all' | 'call' | 'run' | 'route' | 'credential' | 'tenant' | `label:${string}`;
  /** Holds for this one alone: a team, a route, a tenant. @default for each */
  readonly only?: string;
  /**
   * `hour`, `day` or `month`: of the calendar, in UTC. `90s`, `30m`, `24h`, `7d`: rolling, at least 1 minute. Not for calls and runs, which end.
   * @default never over
   */
  readonly window?: string;
  /** In US dollars, up to a million. */
  readonly usd?: number;
  /** In US dollars, below `usd`. Not for calls and credentials. */
  readonly softUsd?: number;
  /** In errors and in the ledger, where what it has counted is found under its name. @default made of the other settings, e.g. `label:team per month` */
  readonly name?: string;
}
