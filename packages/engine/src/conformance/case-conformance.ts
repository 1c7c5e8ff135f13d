import type { Workflow } from '../define/workflow.ts';
import type { RunOutcome } from '../run/outcome.ts';
import type { RunOptions } from '../run/run.ts';

export interface Expected {
  readonly status: RunOutcome<unknown>['status'];
  /** Of a run that ends well. */
  readonly output?: unknown;
  /** Code of the failure of one that does not. */
  readonly code?: string;
  /** Step visits in the order they ended; `!` marks one that failed. */
  readonly steps: readonly string[];
}

export interface Case {
  readonly expected: Expected;
  /** Made anew for each run: bodies may count. */
  prepare(): {
    readonly workflow: Workflow<{ readonly n: number }, unknown>;
    readonly options?: RunOptions;
  };
}
