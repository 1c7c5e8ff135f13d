import { whatIsMissing } from './providers/missing.ts';
import type { DenialCode } from './denials.ts';
import type { Gate } from './gate.ts';
import type { ParkedCode } from './parking.ts';
import type { Target } from './targets.ts';

export interface UsableOptions {
  /** How soon a call would have to be let through, in milliseconds. */
  readonly withinMs: number;
  /** On whose behalf. @default one tenant for all that name none */
  readonly tenant?: string | undefined;
}

/** Whether any target of a route could take a call in time. */
export type RouteUse =
  | { readonly usable: true }
  | {
      readonly usable: false;
      /** What stands in the way of each target. */
      readonly reason: string;
      /** The gateway has learned it from calls, so that another call might find it gone: not a missing key or route. */
      readonly learned: boolean;
    };

const USABLE: RouteUse = { usable: true };

/** What keeps one target from being asked. */
interface Obstacle {
  readonly why: string;
  readonly learned: boolean;
}

const BARRED: Readonly<Record<DenialCode | ParkedCode, string>> = {
  RATE_LIMITED: 'its rate limit is used up',
  AUTH_REJECTED: 'its credential was rejected',
  QUOTA_EXHAUSTED: 'its quota is exhausted',
  MODEL_NOT_FOUND: 'it was not found',
};

/** Looks at a route's targets as the planner would, and changes nothing: no probe is let through and no attempt is counted. */
export function routeUse(name: string, { withinMs, tenant }: UsableOptions, gate: Gate): RouteUse {
  const route = gate.routes.get(name);
  if (route === undefined) return { usable: false, reason: 'no model is bound to it', learned: false };
  const mine = route.targets.filter(({ provider }) => provider.serves(tenant));
  if (mine.length === 0) {
    return { usable: false, reason: 'its targets serve other tenants', learned: false };
  }
  const obstacles: string[] = [];
  let learned = false;
  for (const target of gate.failover ? mine : mine.slice(0, 1)) {
    const obstacle = missing(target) ?? (gate.failover ? passing(target, withinMs, tenant) : null);
    if (obstacle === null) return USABLE;
    learned ||= obstacle.learned;
    obstacles.push(`${target.name}: ${obstacle.why}`);
  }
  return { usable: false, reason: obstacles.join('; '), learned };
}

function missing({ provider }: Target): Obstacle | null {
  const why = whatIsMissing(provider);
  return why === null ? null : { why, learned: false };
}

/** Without failover a target is asked whatever has been learned of it. */
function passing(
  { breaker, denials, parking }: Target,
  withinMs: number,
  tenant: string | undefined,
): Obstacle | null {
  for (const bar of [parking.now, denials.of(tenant ?? '')]) {
    if (bar !== null && bar.forMs > withinMs) return { why: BARRED[bar.code], learned: true };
  }
  if (breaker.retryInMs <= withinMs) return null;
  return { why: `its breaker is open for ${Math.ceil(breaker.retryInMs)} ms`, learned: true };
}
