import type { AttemptRecord, Json } from '@paceline/gateway';
import type { Answer, Receipt, Wait } from './run/message.ts';
import type { RunOutcome } from './run/outcome.ts';
import type { Failure } from './define/failure.ts';

/** What every event of a run carries. */
interface OfRun {
  readonly runId: string;
  /** From the start of the run, in milliseconds of monotonic time. */
  readonly afterMs: number;
}

/** What every event of a step carries. */
interface OfStep extends OfRun {
  readonly step: string;
  /** Counts the visits of the step's invoke from 1. */
  readonly visit: number;
}

/** What a run tells about itself while it works: plain data, `noun-verb`, one union. */
export type EngineEvent =
  | (OfRun & {
      readonly type: 'run-start';
      readonly workflowId: string;
      readonly labels: Readonly<Record<string, string>>;
      /** Of a child run. */
      readonly parentRunId?: string;
      readonly totalMs: number;
    })
  /** A run that another owner had begun goes on here. */
  | (OfRun & {
      readonly type: 'run-resume';
      readonly workflowId: string;
      readonly labels: Readonly<Record<string, string>>;
      /** Of a child run. */
      readonly parentRunId?: string;
      /** Entries recorded so far. */
      readonly seq: number;
      /** Until its deadline. */
      readonly leftMs: number;
    })
  | (OfStep & { readonly type: 'step-start'; readonly input: Json })
  | (OfStep & {
      readonly type: 'step-end';
      readonly output: Json;
      readonly ms: number;
      /** Known cost of the visit's attempts. */
      readonly costUsd: number;
    })
  | (OfStep & {
      readonly type: 'step-error';
      readonly failure: Failure;
      readonly ms: number;
      readonly costUsd: number;
    })
  /** A person is to decide: the step rests, and nobody works on it. Told again by each owner that goes on with the run. */
  | (OfStep & {
      readonly type: 'step-wait';
      readonly wait: Wait;
      /** How long the visit has worked so far. */
      readonly ms: number;
    })
  /** A person has decided. The step goes on with a `step-start`, or this was its end. */
  | (OfStep & { readonly type: 'step-answer'; readonly answer: Answer })
  | (OfRun & { readonly type: 'attempt-end'; readonly step: string; readonly record: AttemptRecord })
  | (OfStep & {
      readonly type: 'tool-start';
      readonly tool: string;
      readonly toolCallId: string;
      readonly input: Json;
    })
  | (OfStep & {
      readonly type: 'tool-end';
      readonly tool: string;
      readonly toolCallId: string;
      readonly isError: boolean;
      readonly ms: number;
    })
  /** The run does not reach its goal: what a visit did is undone. */
  | (OfStep & {
      readonly type: 'compensation-start';
      /** The child run whose visit it is. */
      readonly childRunId?: string;
    })
  | (OfStep & {
      readonly type: 'compensation-end';
      readonly childRunId?: string;
      /** Why it could not be undone, after all attempts. */
      readonly failure?: Failure;
    })
  /**
   * Somebody has told the run something that its workflow declares. `waiting`: no state took it yet; a second event with the same id
   * follows when one does.
   */
  | (OfRun & {
      readonly type: 'signal';
      readonly id: string;
      readonly name: string;
      readonly payload: Json;
      readonly receipt: Exclude<Receipt, 'repeated'>;
    })
  /** Something said through the journal that the run did not take: a payload that does not fit, an answer nobody waits for. */
  | (OfRun & {
      readonly type: 'message-refused';
      readonly id: string;
      readonly failure: Failure;
    })
  | (OfRun & { readonly type: 'run-end'; readonly outcome: RunOutcome<unknown> });

/** The same events by name, for `engine.events.on(name, ...)`. */
export type EngineEvents = {
  [Type in EngineEvent['type']]: [event: Extract<EngineEvent, { readonly type: Type }>];
};
