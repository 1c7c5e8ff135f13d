import { tool } from 'paceline';
import { z } from 'zod';

/**
 * The shop's back office, reduced to what support needs and kept in memory: nothing here leaves the process. Your own
 * would call the payment provider and the ticket system.
 */
export interface BackOffice {
  readonly refunds: Map<string, { readonly orderId: string; readonly amountEur: number }>;
  readonly tickets: Map<string, { readonly title: string; readonly priority: string }>;
  readonly outbox: Map<string, { readonly to: string; readonly text: string }>;
}

export const backOffice: BackOffice = { refunds: new Map(), tickets: new Map(), outbox: new Map() };

/** Above this a person has to agree. */
const REFUND_LIMIT_EUR = 200;

/** What a customer paid. Invented from the number of the order, the same every time. */
function paidEur(orderId: string): number {
  return 20 + (Number(orderId.replace(/\D/g, '').slice(-4)) % 230);
}

/** The amount comes from the books. A model that could choose it could be talked into any. */
export const issueRefund = tool({
  description: `Pays an order back, once, if no more than ${REFUND_LIMIT_EUR} EUR were paid for it.`,
  input: z.object({ orderId: z.string() }),
  // Money: if a crash leaves it in doubt, a person finds out; it is never simply sent again.
  effect: 'once',
  run: ({ input: { orderId }, idempotencyKey }) => {
    const amountEur = paidEur(orderId);
    if (amountEur > REFUND_LIMIT_EUR || !/^A-\d{5}$/.test(orderId))
      return { refunded: false, reference: null };
    backOffice.refunds.set(idempotencyKey, { orderId, amountEur });
    return { refunded: true, reference: `R-${idempotencyKey.slice(0, 8)}` };
  },
});

export const openTicket = tool({
  description: 'Opens a ticket for the engineers or the accountants.',
  input: z.object({ title: z.string(), priority: z.enum(['low', 'normal', 'high', 'urgent']) }),
  effect: 'idempotent',
  attempts: 2,
  run: ({ input: { title, priority }, idempotencyKey }) => {
    backOffice.tickets.set(idempotencyKey, { title, priority });
    return { opened: true, reference: `S-${idempotencyKey.slice(0, 8)}` };
  },
});

/** Puts a reply into the outbox; the same key again replaces it, so nobody is written to twice. */
export function sendReply(key: string, to: string, text: string): void {
  backOffice.outbox.set(key, { to, text });
}
