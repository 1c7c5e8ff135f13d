import { checkedNumber } from './validate.ts';

/** A tenant as one bulkhead knows it. */
export interface Tenant {
  readonly name: string;
  /** Its share of what is contended for, against the weights of the others. */
  readonly weight: number;
  /** Places it holds. */
  inFlight: number;
  /** Callers of it that wait for one. */
  waiting: number;
  /** How far its service has come on the fair queue's virtual time. */
  servedUpTo: number;
  seenAtMs: number;
}

export interface Tenants {
  /** Notes that the tenant is there, which keeps its share for it. */
  seen(name: string, nowMs: number): Tenant;
  /** Whether the tenant may take one more of the places. */
  mayTake(tenant: Tenant, use: { readonly places: number; readonly inFlight: number }): boolean;
  /** Forgets who has not been seen for a while, and neither holds a place nor waits for one. */
  forgetIdle(nowMs: number): void;
}

/** How long a tenant that asks for nothing keeps its share: about as long as its chains pause between two calls. */
const REMEMBERED_MS = 10_000;

/** What stays free for those who hold less than their share: an eighth of the places, but at least one. */
const RESERVED_SHARE = 1 / 8;

/** Weights are added and subtracted all the time; a share is not rounded up for the dust that leaves. */
const DUST = 1e-9;

/**
 * Who has been seen in the last 10 s, and how many places each may hold.
 *
 * Calls last for seconds, so a fair order of waiting is not enough: a tenant that holds every place makes the next one wait
 * until a call ends. Therefore each tenant may take what its weighted share of the places comes to (rounded up), counted
 * over the tenants seen lately; beyond that it borrows idle places, but leaves an eighth of all to those who are below
 * their share. Alone it may have everything, and when everybody waits nothing stays idle, because the shares add up to all places.
 * @param weightOf from 0.001 to 1,000; asked once each time a tenant appears
 */
export function createTenants(weightOf: (tenant: string) => number): Tenants {
  /** Whoever was seen longest ago comes first. */
  const bySeen = new Map<string, Tenant>();
  let totalWeight = 0;

  const appear = (name: string, nowMs: number): Tenant => {
    const weight = checkedNumber('tenantWeight', weightOf(name), { min: 0.001, max: 1_000 });
    totalWeight += weight;
    return { name, weight, inFlight: 0, waiting: 0, servedUpTo: 0, seenAtMs: nowMs };
  };

  return {
    seen(name, nowMs) {
      const tenant = bySeen.get(name) ?? appear(name, nowMs);
      tenant.seenAtMs = nowMs;
      bySeen.delete(name);
      bySeen.set(name, tenant);
      return tenant;
    },
    mayTake(tenant, { places, inFlight }) {
      const free = places - inFlight;
      if (free < 1) return false;
      const share = Math.ceil((places * tenant.weight) / totalWeight - DUST);
      return tenant.inFlight < share || free > Math.max(1, Math.floor(places * RESERVED_SHARE));
    },
    forgetIdle(nowMs) {
      for (const [name, tenant] of bySeen) {
        if (nowMs - tenant.seenAtMs < REMEMBERED_MS) return;
        bySeen.delete(name);
        if (tenant.inFlight + tenant.waiting === 0) {
          totalWeight -= tenant.weight;
        } else {
          tenant.seenAtMs = nowMs;
          bySeen.set(name, tenant);
        }
      }
    },
  };
}
