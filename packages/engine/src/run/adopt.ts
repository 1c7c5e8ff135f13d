import type { Change } from './ending.ts';
import type { RunAdopt } from './migrate.ts';
import type { PendingStep, PendingTimer, RunEffect, RunRecord } from './record.ts';

/**
 * The run is from now on what the entry says: it begins so as another's fork, or it went over to another definition. Nothing
 * before the entry is needed to know it.
 * @returns `null` for a record of another run or of another place in its journal
 */
export function adopt(before: RunRecord | null, { record }: RunAdopt): Change | null {
  if (before !== null && (before.runId !== record.runId || before.seq + 1 !== record.seq)) return null;
  if (before !== null && before.status !== 'running') return null;
  return { record, effects: [...stopped(before, record), ...started(before, record)] };
}

/** What is in flight in the first and not in the second. */
function stopped(before: RunRecord | null, after: RunRecord): readonly RunEffect[] {
  return [
    ...without(before?.pending, after.pending).map(({ token }) => ({ type: 'step-abort' as const, token })),
    ...without(before?.timers, after.timers).map(({ token }) => ({ type: 'timer-cancel' as const, token })),
  ];
}

function started(before: RunRecord | null, after: RunRecord): readonly RunEffect[] {
  return [
    ...without(after.pending, before?.pending)
      .filter(({ wait }: PendingStep) => wait === undefined)
      .map((pending) => ({ type: 'step-start' as const, pending })),
    ...without(after.timers, before?.timers).map((timer) => ({ type: 'timer-set' as const, timer })),
  ];
}

type ByName<T> = Readonly<Record<string, T>>;

/** Those of the first whose tokens the second does not have. */
function without<T extends PendingStep | PendingTimer>(
  these: ByName<T> = {},
  those: ByName<T> = {},
): readonly T[] {
  const tokens = new Set(Object.values(those).map(({ token }) => token));
  return Object.values(these).filter(({ token }) => !tokens.has(token));
}
