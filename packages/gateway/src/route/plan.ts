import type { Lack } from '../catalog/lacks.ts';
import type { DenialCode } from '../denials.ts';

/** A target as the planner sees it: plain facts, taken at one moment. */
export interface TargetHealth {
  /** `provider/model`, with `@endpoint` where the provider has several. */
  readonly name: string;
  /** Until its breaker lets a call through; 0 if it does now. */
  readonly shutForMs: number;
  /** Its breaker has been open and lets single calls through, to see whether the target is back. */
  readonly recovering: boolean;
  /** The environment variable its credential is missing from; `null` if none is. */
  readonly missingKey: string | null;
  /** The npm package that it needs and that is not installed; `null` if none. */
  readonly missingPackage: string | null;
  /** What its model is known to lack of what this request needs; `null` if nothing is. */
  readonly lacks: Lack | null;
  /** What it has refused this tenant for, and would again; `null` if nothing. */
  readonly denied: DenialCode | null;
  /** It serves tenants other than the one who calls. */
  readonly otherTenant: boolean;
  /** Of one key of several: its share of their calls. `null`: it is no such key. */
  readonly share: number | null;
  /** Its price is unknown, and the call is on a hard cap. */
  readonly unpriced: boolean;
}

/** Why a target is tried, or passed over, in its place. `docs/routing.md` explains each. */
export type PlanReason =
  | 'preferred'
  | 'nearest'
  | 'weighted'
  | 'cheapest'
  | 'soft-cap'
  | 'fastest'
  | 'sticky'
  | 'explored'
  | 'fallback'
  | 'recovering'
  | 'only-target'
  | 'forced-probe'
  | 'breaker-open'
  | 'credential-missing'
  | 'package-missing'
  | Lack
  | 'credential-rejected'
  | 'price-unknown'
  | 'quota-exhausted'
  | 'model-not-found'
  | 'other-tenant';

export interface PlannedTarget {
  readonly name: string;
  readonly reason: PlanReason;
}

/** A target in the place that its route's strategy gives it. */
export interface RankedTarget {
  readonly health: TargetHealth;
  readonly reason: PlanReason;
}

export interface Plan {
  /** To be tried in this order. */
  readonly candidates: readonly PlannedTarget[];
  /** Passed over without spending an attempt. */
  readonly skipped: readonly PlannedTarget[];
}

const DENIED: Readonly<Record<DenialCode, PlanReason>> = {
  AUTH_REJECTED: 'credential-rejected',
  QUOTA_EXHAUSTED: 'quota-exhausted',
  MODEL_NOT_FOUND: 'model-not-found',
};

/**
 * The order in which a call tries its route's targets. Pure.
 * @param ranked each target once, the strategy's first choice first
 * @param failover false: the first target only, whatever its breaker says. The control that shows what failover saves.
 */
export function planRoute(ranked: readonly RankedTarget[], failover: boolean): Plan {
  const candidates: PlannedTarget[] = [];
  const recovering: PlannedTarget[] = [];
  const skipped: PlannedTarget[] = [];
  const mine = ranked.filter(({ health }) => !health.otherTenant);
  for (const { health, reason } of failover ? mine : mine.slice(0, 1)) {
    const { name, shutForMs, missingKey, missingPackage, lacks, denied, unpriced } = health;
    // The call that comes to a recovering target first is its probe; all others would rather have a healthy one.
    const probe = shutForMs === 0 && candidates.length === 0;
    if (missingKey !== null) skipped.push({ name, reason: 'credential-missing' });
    else if (missingPackage !== null) skipped.push({ name, reason: 'package-missing' });
    else if (lacks !== null) skipped.push({ name, reason: lacks });
    else if (unpriced) skipped.push({ name, reason: 'price-unknown' });
    else if (!failover) candidates.push({ name, reason: 'only-target' });
    else if (denied !== null) skipped.push({ name, reason: DENIED[denied] });
    else if (health.recovering && !probe) recovering.push({ name, reason: 'recovering' });
    else if (shutForMs > 0) skipped.push({ name, reason: 'breaker-open' });
    else candidates.push({ name, reason });
  }
  for (const { health } of ranked) {
    if (health.otherTenant) skipped.push({ name: health.name, reason: 'other-tenant' });
  }
  return { candidates: [...candidates, ...recovering], skipped };
}
