import { workflowInfo } from '../define/workflow.ts';
import type { Workflow } from '../define/workflow.ts';
import type { Batch, JournalStore } from '../journal/store.ts';
import { migration } from './migrate.ts';
import type { MigrationArgs, RunAdopt } from './migrate.ts';
import type { Fence } from './record.ts';

export interface Beginning {
  readonly journal: JournalStore;
  readonly workflow: Workflow;
}

/**
 * Records a run's first entry, and what its workflow looks like: whoever finds the run under a changed workflow can then be told the
 * difference. @throws EngineError `RUN_EXISTS`, and whatever the journal throws
 */
export function beginRun(beginning: Beginning, batch: Batch): Promise<Fence> {
  const { journal } = beginning;
  const keeping = keepShape(beginning);
  // Both in one turn, and so in one transaction.
  return keeping === undefined
    ? journal.create(batch)
    : Promise.all([journal.create(batch), keeping]).then(([fence]) => fence);
}

/**
 * The event by which a run goes over to this definition, whose shape is kept from now on.
 * @throws EngineError `WORKFLOW_CHANGED`, and whatever the journal throws
 */
export async function adoption(
  beginning: Beginning,
  from: Omit<MigrationArgs, 'workflow'>,
): Promise<RunAdopt> {
  const event = migration({ ...from, workflow: beginning.workflow });
  await keepShape(beginning);
  return event;
}

function keepShape({ journal, workflow }: Beginning): Promise<void> | undefined {
  const { hash, shape } = workflowInfo(workflow);
  return journal.shapes.keep(hash, shape);
}
