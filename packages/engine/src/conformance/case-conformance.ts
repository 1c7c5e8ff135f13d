import type { Json } from '@paceline/gateway';
import type { Workflow } from '../define/workflow.ts';
import type { Answer } from '../run/message.ts';
import type { RunOutcome } from '../run/outcome.ts';
import type { RunOptions } from '../run/run-order.ts';

export interface Expected {
  readonly status: RunOutcome<unknown>['status'];
  /** Of a run that ends well. */
  readonly output?: unknown;
  /** Code of the failure of one that does not. */
  readonly code?: string;
  /** Step visits in the order they ended; `!` marks one that failed. */
  readonly steps: readonly string[];
}

/** Sends the run of the case a signal, and waits until it has acted on it or keeps it. */
export type Say = (name: string, payload: Json, options: { readonly id: string }) => Promise<unknown>;

export interface Case {
  readonly expected: Expected;
  /** What a person says, one after the other, whenever a step waits. @default nothing */
  readonly answers?: readonly Answer[];
  /** Made anew for each run: bodies may count, and speak to their run. */
  prepare(say: Say): {
    readonly workflow: Workflow<{ readonly n: number }, unknown>;
    readonly options?: RunOptions;
  };
}
