import type { RouteStrategy } from './config.ts';
import type { GatewayErrorCode } from './error-codes.ts';
import type { CallIdentity, Criticality } from './request.ts';
import type { AttemptRecord } from './result.ts';
import type { PlannedTarget, PlanReason } from './route/plan.ts';

/** Why a call was not let in. */
export type ShedCode = Extract<GatewayErrorCode, 'SHED' | 'QUEUE_FULL' | 'DEADLINE_EXCEEDED' | 'CANCELLED'>;

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
  /** A call was answered with what an equal one was given. */
  'cache-hit': [event: { readonly call: CallIdentity; readonly servedBy: string }];
  'call-end': [event: { readonly call: CallIdentity; readonly ok: boolean; readonly ms: number }];
  /** A call was not let in: the process is too busy for it, or its tenant has no place left. */
  'call-shed': [
    event: {
      readonly call: CallIdentity;
      readonly tenant: string;
      readonly criticality: Criticality;
      readonly code: ShedCode;
    },
  ];
  /** What a target did has changed how many calls at once it is trusted with. */
  'limit-change': [event: { readonly target: string; readonly limit: number }];
  'breaker-change': [event: { readonly target: string; readonly phase: 'closed' | 'open' | 'probing' }];
}
