import type { Json } from '@paceline/gateway';

/** What somebody outside says to a run. The id makes it idempotent: a second one with the same id is not taken again. */
export type RunMessage =
  | { readonly type: 'signal'; readonly id: string; readonly name: string; readonly payload: Json }
  | { readonly type: 'answer'; readonly id: string; readonly to: AnswerTo; readonly answer: Answer }
  | { readonly type: 'cancel'; readonly id: string; readonly reason: string };

/** `taken`: the run has acted on it, durably. `waiting`: recorded durably; no state wants it yet. `repeated`: its id was heard before. */
export type Receipt = 'taken' | 'waiting' | 'repeated';

/** What a step rests for while nobody works on it: a person's word on a tool call, or on a call whose effect is unknown. */
export type Wait =
  | { readonly type: 'approval'; readonly toolCallId: string; readonly tool: string; readonly input: Json }
  | { readonly type: 'uncertain'; readonly toolCallId?: string; readonly tool?: string };

/** What a person says to a waiting step. */
export type Answer =
  | { readonly type: 'approve'; readonly by?: string }
  | { readonly type: 'reject'; readonly by?: string; readonly reason?: string }
  /** The work took effect, and this is what it gave. */
  | { readonly type: 'done'; readonly output: Json }
  /** The work did not take effect. */
  | { readonly type: 'failed'; readonly reason: string };

/** Names the waiting step; may be left out if only one waits. */
export interface AnswerTo {
  /** Its name, or the id of its invoke where the same step waits twice. */
  readonly step?: string;
  readonly toolCallId?: string;
}

/** Time spent waiting that does not count: the run's expiry moves by it. */
export interface Waiting {
  /** All waits that are over, in milliseconds; `expiresEpochMs` has moved by as much. */
  readonly waitedMs: number;
  /** Since when the run waits; absent while it does not. */
  readonly sinceEpochMs?: number;
}

/** A signal that a run was sent. */
export interface Mail {
  readonly id: string;
  readonly name: string;
  readonly payload: Json;
}
