import type { JournalEntry, VisitProgress } from 'paceline';
import type { Finding, Seen } from './seen.ts';

/** I2, of money: every attempt in a journal is in its run's spend once, and every child run's spend in its parent's. */
export function countedOnce({ histories }: Seen): Finding {
  return {
    looked: histories.length,
    violations: histories.flatMap(({ record: { runId, spend }, entries }) => {
      const own = entries.reduce((sum, entry) => sum + attemptsIn(entry), 0);
      const below = histories
        .filter(({ record }) => record.parent?.runId === runId)
        .reduce((sum, { record }) => sum + record.spend.attempts, 0);
      return spend.attempts === own + below
        ? []
        : [`${runId} has paid for ${spend.attempts} attempts, made ${own} and its children ${below}`];
    }),
  };
}

function attemptsIn({ event }: JournalEntry): number {
  switch (event.type) {
    case 'step-done':
    case 'step-failed':
    case 'step-stopped':
      return event.attempts.length;
    case 'step-progress':
      return attemptsOf(event.progress);
    default:
      return 0;
  }
}

function attemptsOf(progress: VisitProgress): number {
  switch (progress.type) {
    case 'turn':
    case 'item-end':
      return progress.attempts.length;
    case 'item-progress':
      return attemptsOf(progress.progress);
    default:
      return 0;
  }
}
