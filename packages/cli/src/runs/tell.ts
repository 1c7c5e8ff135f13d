import { randomId } from '@paceline/resilience';
import type { RunMessage, RunRecord, RunStatus, SqliteJournal } from 'paceline';
import { CliError } from '../errors.ts';
import { findRun } from '../find-run.ts';
import type { Io } from '../io.ts';
import { jsonText, printable } from '../output/text.ts';

/** How long a process that works on the run is given to take a message before it is told as recorded, in milliseconds. */
const PATIENCE_MS = 1_000;

const LOOK_MS = 20;

/** A message without its id. */
type Said<Message = RunMessage> = Message extends RunMessage ? Omit<Message, 'id'> : never;

export interface TellOptions {
  /** The run's id, or the beginning of it. */
  readonly run: string;
  readonly said: Said;
  /** Sent again with the same id, it is not taken again. @default a random one */
  readonly id?: string | undefined;
  readonly json: boolean;
}

/** What became of a message, as `--json` prints it. */
interface Told {
  readonly runId: string;
  readonly type: RunMessage['type'];
  readonly id: string;
  /**
   * `taken`: the run has acted on it. `waiting`: no state takes it yet. `repeated`: it was sent before. `recorded`: nobody has taken it
   * yet. `refused`: it did not fit, or the run ended before.
   */
  readonly receipt: 'taken' | 'waiting' | 'repeated' | 'recorded' | 'refused';
  readonly status: RunStatus;
  /** Whether a process works on the run. */
  readonly attended: boolean;
}

/**
 * Says something to a run, whichever process works on it, and prints what became of it.
 * @returns the exit code: 1 if the run refused it
 * @throws CliError `RUN_UNKNOWN`, `RUN_ENDED`; EngineError `MAILBOX_FULL`, `VALUE_TOO_LARGE`, `JOURNAL_DAMAGED`
 */
export async function tellRun(journal: SqliteJournal, options: TellOptions, io: Io): Promise<number> {
  const { said, json, id = randomId(io.random, 'message') } = options;
  const { runId } = await findRun(journal, options.run);
  const message = { ...said, id } as RunMessage;
  const posted = await journal.inbox.post(runId, message);
  const attended = journal.inbox.isAttended(runId);
  if (posted === 'posted' && attended) await taken(journal, { runId, id }, io);
  const record = await journal.load(runId);
  if (posted === 'ended' || record === undefined) throw ended(runId, record);
  const receipt = posted === 'repeated' ? posted : receiptOf(message, record, journal);
  const told: Told = { runId, type: message.type, id, receipt, status: record.status, attended };
  io.stdout.write(`${json ? jsonText(told) : lineOf(told)}\n`);
  return receipt === 'refused' ? 1 : 0;
}

interface Sent {
  readonly runId: string;
  readonly id: string;
}

/** Waits until nothing of the message is left in the inbox, or patience is. */
async function taken({ inbox }: SqliteJournal, { runId, id }: Sent, { clock }: Io): Promise<void> {
  const untilMs = clock.nowMs() + PATIENCE_MS;
  while (inbox.waitingFor(runId).includes(id) && clock.nowMs() < untilMs) {
    await new Promise<void>((resolve) => void clock.setTimer(LOOK_MS, resolve));
  }
}

function receiptOf({ type, id }: RunMessage, record: RunRecord, { inbox }: SqliteJournal): Told['receipt'] {
  const { runId, status, ending, heard = [], mailbox = [] } = record;
  if (inbox.waitingFor(runId).includes(id)) return 'recorded';
  if (mailbox.some((mail) => mail.id === id)) return 'waiting';
  const stopped = type === 'cancel' && (status === 'cancelled' || ending?.status === 'cancelled');
  return stopped || heard.includes(id) ? 'taken' : 'refused';
}

function lineOf({ runId, type, receipt, status, attended }: Told): string {
  const run = printable(runId);
  switch (receipt) {
    case 'taken':
      return type === 'cancel' && status === 'running'
        ? `${run}: is being cancelled.`
        : `${run}: ${DONE[type]}.`;
    case 'waiting':
      return `${run}: recorded; no state takes it yet.`;
    case 'repeated':
      return `${run}: was sent before; it is not taken again.`;
    case 'recorded':
      return attended
        ? `${run}: recorded; the process that works on it has not taken it yet.`
        : `${run}: recorded; nobody works on it, so it will be taken by \`paceline resume\`.`;
    case 'refused':
      return status === 'running'
        ? `${run}: did not take it. The process that works on it says why.`
        : `${run}: ended before it could take it: ${status}.`;
  }
}

const DONE: Readonly<Record<RunMessage['type'], string>> = {
  signal: 'taken',
  answer: 'taken',
  cancel: 'cancelled',
};

function ended(runId: string, record: RunRecord | undefined): CliError {
  const how = record === undefined ? 'and is forgotten' : record.status;
  return new CliError('RUN_ENDED', `Run ${printable(runId)} has ended: ${how}. It takes nothing any more.`);
}
