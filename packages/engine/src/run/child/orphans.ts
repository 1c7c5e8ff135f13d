import type { JournalStore } from '../../journal/store.ts';
import type { RunSummary } from '../record.ts';

/**
 * Whether a child's parent will go on with it: it is unfinished, and the visit that started the child is still in flight. Otherwise nobody
 * takes the child's output any more.
 */
export async function isWaitedFor(
  journal: JournalStore,
  { runId, parentRunId = '' }: RunSummary,
): Promise<boolean> {
  const [child, parent] = await Promise.all([journal.load(runId), journal.load(parentRunId)]);
  if (parent?.status !== 'running') return false;
  return Object.values(parent.pending).some(({ token }) => token === child?.parent?.token);
}
