import type { AttemptRecord, Json } from '@paceline/gateway';
import type { Failure } from '../define/failure.ts';
import type { Cost } from './spend.ts';

/** What an execute step records while it runs. */
export type StepProgress =
  | { readonly type: 'turn'; readonly message: Json; readonly attempts: readonly AttemptRecord[] }
  | { readonly type: 'tool-start'; readonly toolCallId: string; readonly tool: string; readonly input: Json }
  | {
      readonly type: 'tool-end';
      readonly toolCallId: string;
      readonly tool: string;
      readonly result: Json;
      readonly isError: boolean;
    }
  /** What a person said to the call that the model wants to make next. */
  | {
      readonly type: 'approval';
      readonly toolCallId: string;
      readonly approved: boolean;
      readonly by?: string;
      readonly reason?: string;
    };

/** What a `map` records about an item. */
export type ItemProgress =
  /** Only where it must not be begun twice, or has to be found again. */
  | { readonly type: 'item-start'; readonly index: number }
  | { readonly type: 'item-progress'; readonly index: number; readonly progress: StepProgress }
  | (Cost & {
      readonly type: 'item-end';
      readonly index: number;
      /** How long it worked, in whole milliseconds. */
      readonly ms: number;
      /** Absent if it failed. */
      readonly output?: Json;
      readonly failure?: Failure;
    });

/** What a visit may record. */
export type VisitProgress = StepProgress | ItemProgress;

/** Attempts that a recorded piece of progress holds. */
export function attemptsOf(progress: VisitProgress): readonly AttemptRecord[] {
  switch (progress.type) {
    case 'turn':
    case 'item-end':
      return progress.attempts;
    case 'item-progress':
      return attemptsOf(progress.progress);
    default:
      return [];
  }
}
