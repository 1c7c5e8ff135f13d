import type { Change } from './ending.ts';
import { hasHeard, withHeard } from './heard.ts';
import { tellAgain, wouldTake } from './macrostep.ts';
import type { RunMachine } from './macrostep.ts';
import type { Mail } from './message.ts';
import type { RunRecord } from './record.ts';

/** Signals that may wait in a run for a state that takes them: its row holds them all. */
export const MAX_MAIL = 100;

/**
 * A signal has come: it stands behind those that wait already, until `offerMail` gives it to the machine.
 * @returns `null` if its id was heard before, or if it would be one too many
 */
export function signalCame(
  machine: RunMachine,
  record: RunRecord,
  { id, name, payload }: Mail,
): Change | null {
  const { mailbox = [] } = record;
  const mail: Mail = { id, name, payload };
  if (hasHeard(record, id)) return null;
  if (mailbox.length >= MAX_MAIL && !wants(machine, record, mail)) return null;
  return { record: { ...withHeard(record, id), mailbox: [...mailbox, mail] }, effects: [] };
}

/**
 * Gives the machine whatever of the run's mail it wants as it now stands, oldest first, until it wants none of it. No signal is
 * given twice, so this comes to an end.
 */
export function offerMail(machine: RunMachine, change: Change): Change {
  let offered = change;
  for (;;) {
    const { record } = offered;
    const wanted = isOver(record) ? undefined : record.mailbox?.find((mail) => wants(machine, record, mail));
    if (wanted === undefined) return offered;
    offered = tellAgain(machine, { ...offered, record: withoutMail(record, wanted) }, eventOf(wanted));
  }
}

/** Its machine is at rest for good, though what it began may still have to be undone. */
export function isOver({ status, ending }: RunRecord): boolean {
  return status !== 'running' || ending !== undefined;
}

function wants(machine: RunMachine, record: RunRecord, mail: Mail): boolean {
  return wouldTake(machine, record, eventOf(mail));
}

/** A signal as the machine sees it. */
function eventOf({ name, payload }: Mail) {
  return { type: name, payload };
}

function withoutMail({ mailbox = [], ...record }: RunRecord, taken: Mail): RunRecord {
  const left = mailbox.filter((mail) => mail !== taken);
  return left.length === 0 ? record : { ...record, mailbox: left };
}
