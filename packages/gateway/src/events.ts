import type { RouteStrategy } from './config.ts';
import type { CallIdentity } from './request.ts';
import type { AttemptRecord } from './result.ts';
import type { PlannedTarget, PlanReason } from './route/plan.ts';

/**
 * What the gateway tells about itself while it works. Names are `noun-verb`; payloads are plain data. A listener that throws does
 * not disturb the call: its error surfaces as an uncaught exception.
 */
export interface GatewayEvents {
  /** Which targets a call will try, in which order, and which it passes over, each with the reason. */
  'call-plan': [
    event: {
      readonly call: CallIdentity;
      readonly route: string;
      readonly strategy: RouteStrategy;
      readonly candidates: readonly PlannedTarget[];
      readonly skipped: readonly PlannedTarget[];
    },
  ];
  'attempt-start': [
    event: {
      readonly call: CallIdentity;
      readonly target: string;
      readonly attempt: number;
      readonly kind: AttemptRecord['kind'];
      /** Why this target, of its route's. */
      readonly reason: PlanReason;
    },
  ];
  'attempt-end': [event: { readonly call: CallIdentity; readonly record: AttemptRecord }];
  'call-end': [event: { readonly call: CallIdentity; readonly ok: boolean; readonly ms: number }];
  'breaker-change': [event: { readonly target: string; readonly phase: 'closed' | 'open' | 'probing' }];
}
