import type { Tenant } from './tenants.ts';

/** Who waits: all that the order depends on. */
export interface Ticket {
  readonly tenant: Tenant;
  /** Work it stands for, in any unit; tokens, say. */
  readonly cost: number;
  /** 0 is the most critical. */
  readonly rank: number;
  readonly sinceMs: number;
  /** From here on a place is of no use. */
  readonly latestMs: number;
}

/** Decides whose turn it is and who must go; it starts nothing and refuses nobody. */
export interface FairQueue<T extends Ticket> {
  readonly length: number;
  /** When the one who has waited longest joined; `undefined` while nobody waits. */
  readonly oldestSinceMs: number | undefined;
  join(ticket: T): void;
  leave(ticket: T): void;
  /** Whose turn it is among the tenants that `may` take a place. The ticket stays in the queue. */
  next(nowMs: number, may: (tenant: Tenant) => boolean): T | undefined;
  /** Books what a tenant was served, whether it waited or not. */
  charge(tenant: Tenant, cost: number): void;
  /** Who gives up a full queue's last seat to this newcomer; `undefined` when it is the newcomer who must go. */
  displacedBy(newcomer: Ticket): T | undefined;
}

/** Once the oldest waiter of a tenant has used up this share of its time, its queue is not a ripple but an overload. */
const OVERLOAD_SHARE = 0.1;

/**
 * Fair between tenants by cost, then first come, first served within one.
 *
 * Between tenants it is start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996): the tenant whose service has come least
 * far on a common virtual time is next, and is moved on by cost / weight. Two tenants that both wait never differ by more
 * than one largest cost each, as with deficit round robin (Shreedhar, Varghese, SIGCOMM 1995), without a quantum that
 * would have to fit costs from ten tokens to a million. A tenant gains nothing by having been away: it resumes at the present.
 *
 * Within a tenant that is overloaded the most critical waiter is served first, and of these the newest: the oldest will miss
 * their deadlines anyway, and serving them first makes all miss theirs (adaptive LIFO: Maurer, "Fail at Scale", ACM Queue 2015).
 */
export function createFairQueue<T extends Ticket>(): FairQueue<T> {
  const backlog = new Map<Tenant, T[]>();
  let length = 0;
  let virtualTime = 0;

  return {
    get length() {
      return length;
    },
    get oldestSinceMs() {
      let oldest: number | undefined;
      for (const [head] of backlog.values()) {
        if (head !== undefined && (oldest === undefined || head.sinceMs < oldest)) oldest = head.sinceMs;
      }
      return oldest;
    },
    join(ticket) {
      const line = backlog.get(ticket.tenant);
      if (line === undefined) backlog.set(ticket.tenant, [ticket]);
      else line.push(ticket);
      ticket.tenant.waiting++;
      length++;
    },
    leave(ticket) {
      const line = backlog.get(ticket.tenant) ?? [];
      line.splice(line.indexOf(ticket), 1);
      if (line.length === 0) backlog.delete(ticket.tenant);
      ticket.tenant.waiting--;
      length--;
    },
    next(nowMs, may) {
      let turn: T[] = [];
      let least = Infinity;
      for (const [tenant, line] of backlog) {
        const servedUpTo = Math.max(tenant.servedUpTo, virtualTime);
        if (servedUpTo >= least || !may(tenant)) continue;
        turn = line;
        least = servedUpTo;
      }
      return firstInLine(turn, nowMs);
    },
    charge(tenant, cost) {
      virtualTime = Math.max(tenant.servedUpTo, virtualTime);
      tenant.servedUpTo = virtualTime + cost / tenant.weight;
    },
    displacedBy: (newcomer) => displaced(backlog, newcomer),
  };
}

function firstInLine<T extends Ticket>(line: readonly T[], nowMs: number): T | undefined {
  const [head] = line;
  if (head === undefined) return undefined;
  const overloaded = nowMs - head.sinceMs > OVERLOAD_SHARE * (head.latestMs - head.sinceMs);
  return overloaded ? line.reduce((first, next) => (next.rank <= first.rank ? next : first)) : head;
}

/**
 * The least critical waiter; among equals one of the tenant that has most waiting for its weight, and of that the newest. It
 * is never more critical than the newcomer, and if just as critical, then only of a tenant that has more waiting than the
 * newcomer's would have: who fills the queue makes room for the others.
 */
function displaced<T extends Ticket>(
  backlog: ReadonlyMap<Tenant, readonly T[]>,
  newcomer: Ticket,
): T | undefined {
  let out: T | undefined;
  let rank = newcomer.rank;
  let load = (newcomer.tenant.waiting + 1) / newcomer.tenant.weight;
  for (const [tenant, line] of backlog) {
    const ownLoad = tenant.waiting / tenant.weight;
    for (const ticket of line) {
      const sameLine = out?.tenant === tenant && ticket.rank === rank;
      if (ticket.rank < rank || (ticket.rank === rank && ownLoad <= load && !sameLine)) continue;
      out = ticket;
      rank = ticket.rank;
      load = ownLoad;
    }
  }
  return out;
}
