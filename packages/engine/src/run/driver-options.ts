import type { Workflow } from '../define/workflow.ts';
import type { JournalStore } from '../journal/store.ts';
import type { OldShape } from './migrate.ts';
import type { Fence, RunRecord } from './record.ts';
import type { RunContext } from './step-run.ts';
import type { Tell } from './tell.ts';

export interface DriverOptions {
  readonly workflow: Workflow;
  readonly context: RunContext;
  readonly journal: JournalStore;
  readonly tell: Tell;
  /** Told each time an entry of the run has become durable. */
  readonly recorded: (runId: string) => void;
  /** Told when nothing works on the run any more, and when something does again. */
  readonly rests: (runId: string, isAtRest: boolean) => void;
}

/** A run taken over from an owner that is gone. */
export interface Claimed {
  readonly record: RunRecord;
  readonly fence: Fence;
  /** Set when it was recorded under another definition, from which it has to go over. */
  readonly migrateFrom?: OldShape;
}
