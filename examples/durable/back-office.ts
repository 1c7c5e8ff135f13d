import { appendFile, readFile } from 'node:fs/promises';
import { sleep, systemClock } from '@paceline/resilience';

/** How long the slow part takes to answer, in milliseconds. */
const SLOW_MS = 60_000;

/** What the other systems hold: a file with one line for each thing that was done to them. */
export interface Order {
  readonly order: string;
  readonly ledger: string;
  /** The part that does what it is asked at once, but takes a minute to say so. */
  readonly slow?: string | undefined;
}

/** One request to another system. */
export interface Asking {
  readonly input: Order;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** Does it as often as it is asked. */
export async function act(what: string, { input, idempotencyKey, signal }: Asking): Promise<void> {
  await appendFile(input.ledger, `${what} ${input.order} ${idempotencyKey}\n`);
  if (input.slow === what) await sleep(systemClock, SLOW_MS, signal);
}

/** Does it once for each key, and only answers when it is asked again: whoever asks may declare the step idempotent. */
export async function actOnce(what: string, asking: Asking): Promise<void> {
  const { input, idempotencyKey } = asking;
  const before = await linesOf(input);
  if (!before.includes(`${what} ${input.order} ${idempotencyKey}`)) await act(what, asking);
}

/** Whether it was done to this order, whatever became of the answer. */
export async function wasDone(what: string, input: Order): Promise<boolean> {
  return (await linesOf(input)).some((line) => line.startsWith(`${what} ${input.order} `));
}

async function linesOf({ ledger }: Order): Promise<readonly string[]> {
  const text = await readFile(ledger, { encoding: 'utf8', flag: 'a+' });
  return text.split('\n');
}
