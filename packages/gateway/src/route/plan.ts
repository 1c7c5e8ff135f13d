/** A target as the planner sees it: plain facts, taken at one moment. */
export interface TargetHealth {
  readonly name: string;
  /** Until its breaker lets a call through; 0 if it does now. */
  readonly shutForMs: number;
  /** The environment variable its credential is missing from; `null` if none is. */
  readonly missingKey: string | null;
}

/** Why a target is tried, or passed over, in its place. */
export type PlanReason =
  | 'preferred'
  | 'fallback'
  | 'only-target'
  | 'forced-probe'
  | 'breaker-open'
  | 'credential-missing';

export interface PlannedTarget {
  readonly name: string;
  readonly reason: PlanReason;
}

export interface Plan {
  /** To be tried in this order. */
  readonly candidates: readonly PlannedTarget[];
  /** Passed over without spending an attempt. */
  readonly skipped: readonly PlannedTarget[];
}

/**
 * The order in which a call tries its route's targets. Pure.
 * @param failover false: the first target only, whatever its breaker says. The control that shows what failover saves.
 */
export function planRoute(targets: readonly TargetHealth[], failover: boolean): Plan {
  const candidates: PlannedTarget[] = [];
  const skipped: PlannedTarget[] = [];
  for (const { name, shutForMs, missingKey } of failover ? targets : targets.slice(0, 1)) {
    if (missingKey !== null) skipped.push({ name, reason: 'credential-missing' });
    else if (!failover) candidates.push({ name, reason: 'only-target' });
    else if (shutForMs > 0) skipped.push({ name, reason: 'breaker-open' });
    else candidates.push({ name, reason: name === targets[0]?.name ? 'preferred' : 'fallback' });
  }
  return { candidates, skipped };
}
