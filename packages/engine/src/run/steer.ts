import type { SecretFinder } from '@paceline/gateway';
import type { Clock, Random } from '@paceline/resilience';
import { randomId } from '@paceline/resilience';
import { EngineError } from '../errors.ts';
import type { JournalStore } from '../journal/store.ts';
import type { ActiveRuns } from './active-runs.ts';
import { runEnded, runUnknown } from './delivery.ts';
import { followRun } from './follow.ts';
import type { FollowOptions } from './follow.ts';
import { toJson } from './json.ts';
import type { Answer, AnswerTo, Receipt, RunMessage } from './message.ts';
import type { JournalEntry } from './record.ts';
import { assertNoSecret } from './secrets.ts';

/**
 * What became of a message. `posted`: it is in the journal, durably, for a run that this engine does not work on; its owner takes it
 * within 250 ms, or whoever recovers it.
 */
export type Delivery = Receipt | 'posted';

export interface SteerOptions {
  /** Makes it idempotent: a second message with the id, also after a restart, is not taken again. 1 to 200 characters. @default a random one */
  readonly id?: string;
}

/** How any run of the journal is seen and steered, whichever process works on it, or none. */
export interface Steering {
  /**
   * Tells a run something that its workflow declares. A run of this engine refuses what does not fit; for any other run its owner does
   * that, with a `message-refused` event.
   * @throws EngineError `RUN_UNKNOWN`, `RUN_ENDED`, `SIGNAL_INVALID`, `MAILBOX_FULL`, `VALUE_TOO_LARGE`, and whatever the journal throws
   */
  signal(runId: string, name: string, payload: unknown, options?: SteerOptions): Promise<Delivery>;
  /**
   * Decides what a step of a run waits for. `step` and `toolCallId` may be left out where only one waits.
   * @throws EngineError as `signal` does, and `NOT_WAITING` or `OUTPUT_INVALID` for a run of this engine
   */
  answer(runId: string, answer: Answer, options?: AnswerTo & SteerOptions): Promise<Delivery>;
  /**
   * Resolves once the cancel is durable. In this process it reaches every socket, timer and body of the run in the same turn, in
   * another one within 250 ms.
   * @throws EngineError `RUN_UNKNOWN`, `RUN_ENDED`, and whatever the journal throws
   */
  cancel(runId: string, reason?: string): Promise<Delivery>;
  /**
   * A run's journal from the entry after the cursor on, then each entry as it is recorded, to the run's end: at once for a run of this
   * engine, within 250 ms for another. Reading again with the last `seq` goes on where the reader was.
   * @throws EngineError (while it is read) `RUN_UNKNOWN`, `JOURNAL_DAMAGED`
   */
  follow(runId: string, options?: FollowOptions): AsyncIterable<JournalEntry>;
}

export interface SteeringParts {
  readonly runs: ActiveRuns;
  readonly journal: JournalStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly secretIn: SecretFinder | undefined;
}

export function createSteering({ runs, journal, clock, random, secretIn }: SteeringParts): Steering {
  const newId = () => randomId(random, 'message');

  const send = async (runId: string, message: RunMessage): Promise<Delivery> => {
    const run = runs.find(runId);
    if (run !== undefined) return run.deliver(message);
    assertNoSecret(message, 'The message', secretIn);
    const posted = await journal.inbox.post(runId, message);
    if (posted === 'unknown') throw runUnknown(runId);
    if (posted === 'ended') throw runEnded(runId);
    return posted;
  };

  return {
    async signal(...[runId, name, payload, { id = newId() } = {}]) {
      return send(runId, { type: 'signal', id, name, payload: payloadOf(name, payload) });
    },
    async answer(runId, answer, { id = newId(), step, toolCallId } = {}) {
      const to = { ...(step !== undefined && { step }), ...(toolCallId !== undefined && { toolCallId }) };
      return send(runId, { type: 'answer', id, to, answer });
    },
    async cancel(runId, reason = 'Cancelled by the caller.') {
      return send(runId, { type: 'cancel', id: newId(), reason });
    },
    follow: (runId, options = {}) => followRun(runId, options, { journal, clock, here: runs }),
  };
}

function payloadOf(name: string, payload: unknown) {
  try {
    return toJson(payload);
  } catch (error) {
    throw new EngineError('SIGNAL_INVALID', `The payload of \`${name}\` cannot be sent.`, error);
  }
}
