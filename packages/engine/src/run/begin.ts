import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import type { Batch, JournalStore } from '../journal/store.ts';
import type { Fence } from './record.ts';

export interface Beginning {
  readonly journal: JournalStore;
  readonly workflow: Workflow;
}

/**
 * Records a run's first entry, and what its workflow looks like: whoever finds the run under a changed workflow can then be told the
 * difference. @throws EngineError `RUN_EXISTS`, and whatever the journal throws
 */
export async function beginRun({ journal, workflow }: Beginning, batch: Batch): Promise<Fence> {
  const { hash, shape } = workflowInfo(workflow);
  // Both in one turn, and so in one transaction.
  const [fence] = await Promise.all([journal.create(batch), journal.shapes.keep(hash, shape)]);
  return fence;
}
