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

export const lookUpOrder = tool({
  description: 'Tells whether an order exists, what was paid for it and whether it was refunded before.',
  input: z.object({ orderId: z.string() }),
  effect: 'pure',
  attempts: 2,
  toolMs: 500,
  run: ({ input: { orderId } }) => {
    const refunded = [...backOffice.refunds.values()].some((refund) => refund.orderId === orderId);
    return { orderId, found: /^A-\d{5}$/.test(orderId), amountEur: paidEur(orderId), refunded };
  },
});

export const issueRefund = tool({
  description: `Pays an order back, up to ${REFUND_LIMIT_EUR} EUR and never more than was paid.`,
  input: z.object({ orderId: z.string(), amountEur: z.number().positive() }),
  // Money: if a crash leaves it in doubt, a person finds out; it is never simply sent again.
  effect: 'once',
  run: ({ input: { orderId, amountEur }, idempotencyKey }) => {
    // The model's numbers are hostile input, like the ticket it read.
    const mostEur = Math.min(REFUND_LIMIT_EUR, paidEur(orderId));
    if (amountEur > mostEur) return { refunded: false, reference: null, reason: `more than ${mostEur} EUR` };
    backOffice.refunds.set(idempotencyKey, { orderId, amountEur });
    return { refunded: true, reference: `R-${idempotencyKey.slice(0, 8)}`, reason: null };
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
