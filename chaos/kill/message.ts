import type { RunStatus } from 'paceline';
import type { Deed } from './workflow.ts';

/** What a worker is told to do. */
export interface Job {
  readonly path: string;
  /** Runs it starts beside those it finds; `null`: without end. */
  readonly runs: number | null;
  readonly inFlight: number;
  /** Begins the id of each run it starts. */
  readonly prefix: string;
  /** Runs that wait for an hour instead of the chain. */
  readonly parked: boolean;
}

/** What a worker says, each thing only after it is so. */
export type Message =
  /** About to open the journal. */
  | { readonly type: 'opening' }
  /** `ms` from then on; every run found is at work again but those left. */
  | { readonly type: 'recovered'; readonly runs: number; readonly left: number; readonly ms: number }
  /** The engine has acknowledged the run. */
  | { readonly type: 'started'; readonly runId: string }
  | ({ readonly type: 'deed' } & Deed)
  | { readonly type: 'ended'; readonly runId: string; readonly status: RunStatus; readonly output: unknown }
  /** Nothing is left to do. */
  | { readonly type: 'rested' };
