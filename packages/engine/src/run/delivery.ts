import { didYouMean } from '../define/lint/did-you-mean.ts';
import type { WorkflowInfo } from '../define/workflow.ts';
import { EngineError } from '../errors.ts';
import { answerEvent, notWaiting } from './answers.ts';
import { messageOf } from './failure.ts';
import { hasHeard } from './heard.ts';
import { toJson } from './json.ts';
import type { Mail, Receipt, RunMessage } from './message.ts';
import type { RunEvent, RunRecord } from './record.ts';
import { checkRecorded } from './schema.ts';
import { isOver, MAX_MAIL } from './signals.ts';
import type { Tell } from './tell.ts';

/** The longest id of a message; a run remembers the newest 256. */
const MAX_ID_LENGTH = 200;

/** A signal as a message, its payload as JSON. @throws EngineError `SIGNAL_INVALID` if JSON cannot hold the payload */
export function signalMessage({
  id,
  name,
  payload,
}: {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}): RunMessage {
  try {
    return { type: 'signal', id, name, payload: toJson(payload) };
  } catch (error) {
    throw new EngineError('SIGNAL_INVALID', `The payload of \`${name}\` does not fit: ${messageOf(error)}`);
  }
}

/**
 * A message as the event that it is to the run.
 * @param record as far as the run is durable; `null` before its first entry
 * @throws EngineError `SIGNAL_INVALID` if the workflow declares no such signal or the payload does not fit, `RUN_ENDED`, and what
 *   `answerEvent` throws
 */
export function eventOf(message: RunMessage, info: WorkflowInfo, record: RunRecord | null): RunEvent {
  const { id } = message;
  if (id.length === 0 || id.length > MAX_ID_LENGTH) {
    throw new EngineError('SIGNAL_INVALID', `The id of a message has 1 to ${MAX_ID_LENGTH} characters.`);
  }
  switch (message.type) {
    case 'signal':
      return { type: 'signal', ...checkedSignal(message, info) };
    case 'answer':
      if (record === null) throw notWaiting('The run has only just begun; no step of it waits.');
      // Its step may have gone on since. Any token does, as `advance` takes no message twice.
      if (hasHeard(record, id))
        return { type: 'step-answer', id, token: '', progress: 0, answer: message.answer };
      if (isOver(record)) throw runEnded(record.runId);
      return answerEvent(record, info, message);
    case 'cancel':
      return { type: 'cancel', reason: message.reason };
  }
}

function checkedSignal({ id, name, payload }: Mail, info: WorkflowInfo): Mail {
  const names = Object.keys(info.signals);
  const schema = names.includes(name) ? info.signals[name] : undefined;
  if (schema === undefined) {
    const known = names.length === 0 ? 'It takes none.' : `It takes: ${names.join(', ')}.`;
    throw new EngineError(
      'SIGNAL_INVALID',
      `Workflow \`${info.id}\` takes no signal \`${name}\`.${didYouMean(name, names)} ${known}`,
    );
  }
  const checked = checkRecorded(schema, payload);
  if (checked.ok) return { id, name, payload: checked.value };
  throw new EngineError('SIGNAL_INVALID', `The payload of \`${name}\` does not fit: ${checked.problem}`);
}

/**
 * What the sender of a message is told, once the run has taken or refused it.
 * @param record the run by then
 * @throws EngineError `RUN_ENDED`, `MAILBOX_FULL`, `NOT_WAITING`
 */
export function receiptFor({ id, type }: RunMessage, record: RunRecord, taken: boolean): Receipt {
  const { runId, mailbox = [] } = record;
  if (taken) return mailbox.some((mail) => mail.id === id) ? 'waiting' : 'taken';
  if (hasHeard(record, id)) return 'repeated';
  if (isOver(record)) throw runEnded(runId);
  if (type === 'answer') throw notWaiting('The step that it was for no longer waits.');
  throw new EngineError(
    'MAILBOX_FULL',
    `${MAX_MAIL} signals wait in run ${runId} for a state that takes them. Send again when it has come further.`,
  );
}

export function runEnded(runId: string): EngineError {
  return new EngineError('RUN_ENDED', `Run ${runId} has ended; it takes no messages any more.`);
}

export function runUnknown(runId: string): EngineError {
  return new EngineError('RUN_UNKNOWN', `The journal has no run ${runId}.`);
}

/** A run before and after an event. */
interface Taken {
  readonly before: RunRecord | null;
  readonly after: RunRecord;
  readonly event: RunEvent;
}

/** Tells of the signal that came, and of those that had waited and have now been taken. */
export function tellOfSignals({ before, after, event }: Taken, tell: Tell): void {
  const waited = before?.mailbox ?? [];
  if (event.type !== 'signal' && waited.length === 0) return;
  const waiting = new Set(after.mailbox?.map(({ id }) => id));
  if (event.type === 'signal') {
    tell({ ...event, receipt: waiting.has(event.id) ? 'waiting' : 'taken' });
  }
  for (const mail of waited) {
    if (!waiting.has(mail.id)) tell({ type: 'signal', ...mail, receipt: 'taken' });
  }
}
