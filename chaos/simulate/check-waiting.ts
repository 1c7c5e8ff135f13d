import type { JournalEntry, RunEvent } from 'paceline';
import type { Finding, History, Seen } from './seen.ts';

/** Of an end behind its deadline, in milliseconds. */
const MOST_OVERSHOOT_MS = 100;
/** Times are fractions of a millisecond, added up in another order. */
const ROUNDING_MS = 0.001;

/** I4, where the deadline stands still while only people can bring a run on: it moves by no more than that, and holds. */
export function freeWaits({ world: { plan }, histories }: Seen): Finding {
  const isPrompt = plan.lives.every(({ trouble, slowShare }) => trouble === null && slowShare === 0);
  const free = histories.filter(({ record }) => record.waiting !== undefined);
  return {
    looked: free.length,
    violations: free.flatMap((history) => [
      ...givenTooMuch(history),
      ...(isPrompt ? goneOnTooLong(history) : []),
    ]),
  };
}

function givenTooMuch({ record, entries }: History): readonly string[] {
  const { runId, startedEpochMs, expiresEpochMs, waiting } = record;
  const waitedMs = waiting?.waitedMs ?? 0;
  const [start] = entries;
  const totalMs = start?.event.type === 'run-start' ? start.event.totalMs : 0;
  const mostMs = entries.reduce((sum, entry, at) => sum + waitedBefore(entry, entries[at - 1]), 0);
  const movedMs = expiresEpochMs - startedEpochMs - totalMs;
  return [
    ...(waitedMs > mostMs + ROUNDING_MS
      ? [`${runId} was given ${waitedMs} ms and waited ${mostMs} at most`]
      : []),
    ...(Math.abs(movedMs - waitedMs) > ROUNDING_MS
      ? [`the deadline of ${runId} moved by ${movedMs} ms, not ${waitedMs}`]
      : []),
  ];
}

/** What may end a wait for people. A step that was at work would have brought the run on by itself. */
const ENDS_A_WAIT: ReadonlySet<RunEvent['type']> = new Set(['signal', 'step-answer', 'timer-due', 'cancel']);

const waitedBefore = ({ event, atEpochMs }: JournalEntry, before: JournalEntry | undefined): number =>
  before !== undefined && ENDS_A_WAIT.has(event.type) ? atEpochMs - before.atEpochMs : 0;

/** Nothing but what comes to rest is recorded once its time is over. */
function goneOnTooLong({ record: { runId, expiresEpochMs }, entries }: History): readonly string[] {
  return entries
    .filter(
      ({ event, atEpochMs }) => BEGINS.has(event.type) && atEpochMs > expiresEpochMs + MOST_OVERSHOOT_MS,
    )
    .map(({ event, atEpochMs }) => `${runId} took ${event.type} ${atEpochMs - expiresEpochMs} ms late`);
}

/** What makes a run begin something. */
const BEGINS: ReadonlySet<RunEvent['type']> = new Set(['step-done', 'signal', 'step-answer', 'timer-due']);
