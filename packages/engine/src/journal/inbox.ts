import { EngineError } from '../errors.ts';
import type { RunMessage } from '../run/message.ts';

/** Messages that may wait for one run. */
export const MAX_MESSAGES = 1_000;

/** The longest message, in bytes of JSON. */
const MAX_MESSAGE_BYTES = 2 ** 20;

/** `repeated`: a message with this id waits already, or the run has heard it. `ended`, `unknown`: nothing was kept. */
export type PostResult = 'posted' | 'repeated' | 'ended' | 'unknown';

/** A message on its way to a run. */
export type Posted =
  | { readonly runId: string; readonly id: string; readonly message: RunMessage }
  /** What stands there is not what was written; nobody may guess what it was. */
  | { readonly runId: string; readonly id: string; readonly problem: string };

/**
 * What is said to runs from outside, by whoever can open the journal: it waits here until the run's owner takes it, who may not even
 * live yet. What a run has not taken by its end is dropped with it.
 */
export interface JournalInbox {
  /**
   * Durable once resolved.
   * @throws EngineError `MAILBOX_FULL` where 1,000 messages wait for the run, `VALUE_TOO_LARGE` for one of more than 1 MiB,
   *   `JOURNAL_DAMAGED`
   */
  post(runId: string, message: RunMessage): Promise<PostResult>;
  /**
   * Messages for the unfinished runs that this store's owner holds, oldest first. They stay until they are settled.
   * @param runId all that wait for this run. @default those of all runs, perhaps not all at once
   */
  collect(runId?: string): Promise<readonly Posted[]>;
  /** These need not be kept any more: the run has acted on them durably, or refused them. */
  settle(runId: string, ids: readonly string[]): Promise<void>;
  /**
   * Calls back whenever `collect` may have something, at most 250 ms after it was posted, by this process or another.
   * @returns what stops it; until then it may keep a timer
   */
  watch(onPost: () => void): () => void;
}

/** A message as it is kept. @throws EngineError `VALUE_TOO_LARGE` */
export function messageText(runId: string, message: RunMessage): string {
  const text = JSON.stringify(message);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_MESSAGE_BYTES) return text;
  throw new EngineError(
    'VALUE_TOO_LARGE',
    `A message to run ${runId} has ${bytes} bytes; ${MAX_MESSAGE_BYTES} are taken. Keep large documents elsewhere and send their address.`,
  );
}

export function mailboxFull(runId: string): EngineError {
  return new EngineError(
    'MAILBOX_FULL',
    `${MAX_MESSAGES} messages wait for run ${runId} already. Let a process go on with it, then send again.`,
  );
}
