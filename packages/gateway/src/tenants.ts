import { createBulkhead } from '@paceline/resilience';
import type { Bulkhead, BulkheadRequest, Clock } from '@paceline/resilience';

/** Counts each tenant's calls in the whole gateway, and lets no tenant have more than the policy allows. */
export interface Tenants {
  /**
   * Resolves to what ends the call's stay, once there is a place for it.
   *
   * Rejects as `Bulkhead.acquire` does.
   */
  enter(tenant: string, wait: BulkheadRequest): Promise<() => void>;
  /** Those with calls in flight or waiting. */
  list(): readonly TenantLoad[];
  /** Nobody is there. */
  readonly idle: boolean;
}

export interface TenantLoad {
  /** Empty for all calls that name none. */
  readonly tenant: string;
  readonly inFlight: number;
  readonly queued: number;
}

export interface TenantsOptions {
  readonly clock: Clock;
  /** Of one tenant; Infinity for no limit. */
  readonly maxInFlight: number;
}

/** Calls of a tenant that may wait, for each that it may have in flight. */
const QUEUED_PER_PLACE = 4;

export function createTenants({ clock, maxInFlight }: TenantsOptions): Tenants {
  const maxQueued = QUEUED_PER_PLACE * maxInFlight;
  const present = new Map<string, Bulkhead>();
  const bulkheadOf = (tenant: string): Bulkhead => {
    let bulkhead = present.get(tenant);
    if (bulkhead === undefined)
      present.set(tenant, (bulkhead = createBulkhead({ maxInFlight, maxQueued, clock })));
    return bulkhead;
  };
  /** Tenants come and go by the thousand: nobody is remembered who has nothing here. */
  const forget = (tenant: string, { inFlight, queued }: Bulkhead): void => {
    if (inFlight === 0 && queued === 0) present.delete(tenant);
  };
  return {
    async enter(tenant, wait) {
      const bulkhead = bulkheadOf(tenant);
      try {
        const release = await bulkhead.acquire(wait);
        return () => {
          release();
          forget(tenant, bulkhead);
        };
      } catch (reason) {
        forget(tenant, bulkhead);
        throw reason;
      }
    },
    get idle() {
      return present.size === 0;
    },
    list: () => [...present].map(([tenant, { inFlight, queued }]) => ({ tenant, inFlight, queued })),
  };
}
