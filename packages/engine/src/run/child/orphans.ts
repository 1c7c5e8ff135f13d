import type { JournalStore } from '../../journal/store.ts';
import type { RunSummary } from '../record.ts';

/**
 * Whether a child's parent will see to it: it is unfinished, and waits for the child or stops it. Otherwise nobody takes the child's output any
 * more: the parent is gone.
 */
export async function isWaitedFor(
  journal: JournalStore,
  { runId, parentRunId = '' }: RunSummary,
): Promise<boolean> {
  const [child, parent] = await Promise.all([journal.load(runId), journal.load(parentRunId)]);
  if (parent?.status !== 'running') return false;
  const { pending, stopping = [] } = parent;
  return (
    stopping.some((stopped) => stopped.runId === runId) ||
    Object.values(pending).some(({ token }) => token === child?.parent?.token)
  );
}
