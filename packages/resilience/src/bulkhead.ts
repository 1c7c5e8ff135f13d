import type { Clock } from './clock.ts';
import { remainingMs } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { ResilienceError } from './errors.ts';
import { createFairQueue } from './fair-queue.ts';
import type { FairQueue, Ticket } from './fair-queue.ts';
import { createTenants } from './tenants.ts';
import type { Tenant } from './tenants.ts';
import { checkedNumber } from './validate.ts';

export interface BulkheadOptions {
  /** Places. Minimum 1. A function is asked each time, for a limit that moves; less than 1 counts as 1. */
  readonly maxInFlight: number | (() => number);
  /** Callers that may wait for one; the next is refused at once, or takes the seat of somebody less critical. Minimum 0. */
  readonly maxQueued: number;
  readonly clock: Clock;
  /** A tenant's share of the places when they are contended, from 0.001 to 1,000. @default 1 each */
  readonly tenantWeight?: (tenant: string) => number;
}

export interface BulkheadRequest {
  /** The latest moment at which a place is still of use: the call's own deadline, or earlier by the time the work needs. */
  readonly deadline: Deadline;
  /** Aborting it gives up waiting. It does not give a place back: `release` does. */
  readonly signal: AbortSignal;
  /** On whose behalf. Places and turns are shared fairly between tenants. @default one tenant, '' */
  readonly tenant?: string | undefined;
  /** How much work this is compared with others: its tokens, say. Minimum 1. @default 1 */
  readonly cost?: number | undefined;
  /** How little it matters, from 0 (last to be dropped) up. Callers are trusted with it. @default 1 */
  readonly rank?: number | undefined;
  /** Time the work usually needs, in milliseconds: who still waits with less than that left is refused. @default 0 */
  readonly usefulMs?: number | undefined;
}

/** Keeps one slow target, or one greedy tenant, from taking all there is: so many at once, so many waiting, no more. */
export interface Bulkhead {
  /**
   * Resolves to `release` once a place is free. Call `release` when the work has really ended; further calls do nothing.
   *
   * Rejects with ResilienceError `QUEUE_FULL` or `DEADLINE_EXCEEDED`, with `signal.reason`, or with TypeError for a number
   * that is out of range. `QUEUE_FULL` may also come later, when somebody more critical needs the seat.
   */
  acquire(request: BulkheadRequest): Promise<() => void>;
  /** Serves who may be served by now. Call it when `maxInFlight()` may have risen; releases do so by themselves. */
  wake(): void;
  readonly inFlight: number;
  readonly queued: number;
  /** How long the oldest waiter has waited, in milliseconds; 0 while nobody does. */
  readonly oldestMs: number;
}

interface Waiter extends Ticket {
  serve(release: () => void): void;
  refuse(reason: unknown): void;
}

/** What a caller is unless it says otherwise: critical, but not the most critical there is. */
const DEFAULT_RANK = 1;

/**
 * Places go to the tenant that has been served least for its weight, and within it to the first come, or in an overload the
 * most critical and newest; `createFairQueue` and `createTenants` say how and why. A place is handed over at once: nobody who
 * comes in between takes it. No timer runs except one for each waiter's deadline.
 * @throws TypeError when an option is out of range
 */
export function createBulkhead(options: BulkheadOptions): Bulkhead {
  const { clock, tenantWeight = () => 1 } = options;
  const maxQueued = checkedNumber('maxQueued', options.maxQueued, { min: 0, integer: true });
  const tenants = createTenants(tenantWeight);
  const queue = createFairQueue<Waiter>();
  let inFlight = 0;

  const places = placesFrom(options.maxInFlight);
  const mayTake = (tenant: Tenant) => tenants.mayTake(tenant, { places: places(), inFlight });

  const occupy = (tenant: Tenant, cost: number): (() => void) => {
    queue.charge(tenant, cost);
    inFlight++;
    tenant.inFlight++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      inFlight--;
      tenant.inFlight--;
      tenants.seen(tenant.name, clock.nowMs());
      serveWaiting();
    };
  };

  const serveWaiting = (): void => {
    const nowMs = clock.nowMs();
    tenants.forgetIdle(nowMs);
    for (let next = queue.next(nowMs, mayTake); next !== undefined; next = queue.next(nowMs, mayTake)) {
      if (next.latestMs > nowMs) next.serve(occupy(next.tenant, next.cost));
      else next.refuse(tooLate());
    }
  };

  return {
    async acquire(request) {
      request.signal.throwIfAborted();
      if (remainingMs(request.deadline, clock) === 0) throw tooLate();
      const nowMs = clock.nowMs();
      const ticket = ticketFor(request, tenants.seen(request.tenant ?? '', nowMs), nowMs);
      serveWaiting();
      if (mayTake(ticket.tenant)) return occupy(ticket.tenant, ticket.cost);
      if (ticket.latestMs <= nowMs) throw tooLate();
      makeRoom(queue, ticket, maxQueued);
      return await waitIn(queue, ticket, { signal: request.signal, clock });
    },
    wake: serveWaiting,
    get inFlight() {
      return inFlight;
    },
    get queued() {
      return queue.length;
    },
    get oldestMs() {
      return clock.nowMs() - (queue.oldestSinceMs ?? clock.nowMs());
    },
  };
}

function placesFrom(maxInFlight: BulkheadOptions['maxInFlight']): () => number {
  if (typeof maxInFlight === 'function') return () => Math.max(1, maxInFlight());
  checkedNumber('maxInFlight', maxInFlight, { min: 1, integer: true });
  return () => maxInFlight;
}

function ticketFor(request: BulkheadRequest, tenant: Tenant, nowMs: number): Ticket {
  const { deadline, cost = 1, rank = DEFAULT_RANK, usefulMs = 0 } = request;
  checkedNumber('usefulMs', usefulMs, { min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    tenant,
    cost: checkedNumber('cost', cost, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    rank: checkedNumber('rank', rank, { min: 0 }),
    sinceMs: nowMs,
    latestMs: deadline.atMs - usefulMs,
  };
}

/** Ends with a free seat in the queue, or throws: then it is the newcomer who has to go. */
function makeRoom(queue: FairQueue<Waiter>, newcomer: Ticket, maxQueued: number): void {
  if (queue.length < maxQueued) return;
  const full = new ResilienceError('QUEUE_FULL', `All places are taken and ${maxQueued} wait.`);
  const displaced = queue.displacedBy(newcomer);
  if (displaced === undefined) throw full;
  displaced.refuse(full);
}

/** Joins the queue and leaves it, with its timer and its listener, on being served, displaced, too late or aborted. */
function waitIn(
  queue: FairQueue<Waiter>,
  ticket: Ticket,
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', giveUp);
      queue.leave(waiter);
    };
    const waiter: Waiter = {
      ...ticket,
      serve(release) {
        leave();
        resolve(release);
      },
      refuse(reason) {
        leave();
        reject(reason);
      },
    };
    const giveUp = () => waiter.refuse(signal.reason);
    const timer = clock.setTimer(ticket.latestMs - ticket.sinceMs, () => waiter.refuse(tooLate()));
    signal.addEventListener('abort', giveUp, { once: true });
    queue.join(waiter);
  });
}

function tooLate(): ResilienceError {
  return new ResilienceError('DEADLINE_EXCEEDED', 'No place came free before the deadline.');
}
